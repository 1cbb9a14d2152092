//! The body of an incoming webhook of Slack, and of what understands the same. Of its markup (mrkdwn) `&`, `<` and `>` are
//! control characters (docs.slack.dev, "Formatting message text"): escaped, a text mentions nobody and links nowhere.

use super::MAX_NOTE_CHARS;
use crate::notify::message::Message;
use serde_json::{Value, json};

pub(super) fn body(message: &Message, link: &str) -> Value {
    let text = escape(&message.text(MAX_NOTE_CHARS));
    let link = format!("<{}|{}>", escape(link), escape(&format!("Open {}", message.title)));
    json!({ "text": format!("{text}\n{link}"), "unfurl_links": false, "unfurl_media": false })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_mentions_nobody() {
        let message = Message {
            title: "A&B".to_owned(),
            sentence: "A&B rose".to_owned(),
            note: Some("<!channel> <https://evil.example|AAPL> a > b".to_owned()),
            path: "/securities/A&B".to_owned(),
            event_id: None,
        };
        assert_eq!(
            body(&message, "https://w.example/securities/A&B")["text"],
            "A&amp;B rose\n&lt;!channel&gt; &lt;https://evil.example|AAPL&gt; a &gt; b\n\
             <https://w.example/securities/A&amp;B|Open A&amp;B>"
        );
    }
}
