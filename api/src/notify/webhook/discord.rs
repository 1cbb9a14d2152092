//! The body of a webhook of a Discord channel. Its markdown is escaped, and nobody is mentioned whatever the text has
//! (discord.com/developers, "Allowed Mentions").

use super::MAX_NOTE_CHARS;
use crate::notify::message::Message;
use serde_json::{Value, json};

/// What has a meaning in its markdown, at the start of a line or within.
const MARKDOWN: &[char] = &['\\', '*', '_', '~', '`', '|', '>', '<', '#', '[', ']', '@'];

pub(super) fn body(message: &Message, link: &str) -> Value {
    // In angle brackets, a link has no preview.
    let content = format!("{}\n<{link}>", escape(&message.text(MAX_NOTE_CHARS)));
    json!({ "content": content, "allowed_mentions": { "parse": [] } })
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if MARKDOWN.contains(&c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_plain_text_and_mentions_nobody() {
        let message = Message {
            title: "AAPL".to_owned(),
            sentence: "AAPL rose above 200.00: 200.31 (simulated)".to_owned(),
            note: Some("@everyone **buy** [now](https://evil.example) <@1> `x`".to_owned()),
            path: "/securities/AAPL".to_owned(),
            event_id: None,
        };
        let body = body(&message, "https://w.example/securities/AAPL");
        assert_eq!(
            body["content"],
            "AAPL rose above 200.00: 200.31 (simulated)\n\
             \\@everyone \\*\\*buy\\*\\* \\[now\\](https://evil.example) \\<\\@1\\> \\`x\\`\n\
             <https://w.example/securities/AAPL>"
        );
        assert_eq!(body["allowed_mentions"], json!({ "parse": [] }));
    }
}
