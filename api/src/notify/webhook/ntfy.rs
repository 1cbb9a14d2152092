//! A message to a topic of ntfy: the text as the body, the rest in header fields, which are ASCII here (docs.ntfy.sh, "Publish").

use super::{MAX_NOTE_CHARS, Request};
use crate::notify::message::Message;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

/// High: it makes a sound and stands above others.
const PRIORITY: &str = "4";
/// An emoji before the title.
const TAGS: &str = "chart_with_upwards_trend";

pub(super) fn request(message: &Message, link: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    let fields = [("title", message.title.as_str()), ("priority", PRIORITY), ("tags", TAGS), ("click", link)];
    for (name, text) in fields {
        // What cannot stand in a field is left out: the text says it all.
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    Request { headers, body: message.text(MAX_NOTE_CHARS).into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_is_the_symbol_and_a_click_opens_it() {
        let message = Message {
            title: "AAPL".to_owned(),
            sentence: "AAPL rose".to_owned(),
            note: Some("größer\nX-Evil: 1".to_owned()),
            path: "/securities/AAPL".to_owned(),
            event_id: None,
        };
        let request = request(&message, "https://w.example/securities/AAPL");
        assert_eq!(String::from_utf8_lossy(&request.body), "AAPL rose\ngrößer\nX-Evil: 1");
        assert_eq!(
            (&request.headers["title"], &request.headers["priority"]),
            (&"AAPL".parse().expect("a value"), &"4".parse().expect("a value"))
        );
        assert_eq!(request.headers["click"], "https://w.example/securities/AAPL");
        assert!(!request.headers.contains_key("x-evil"));
    }
}
