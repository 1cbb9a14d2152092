//! Parses JSON objects of request bodies and stream messages. An error names the position of the fault as a JSON
//! pointer (RFC 6901).

use serde::de::{DeserializeOwned, IgnoredAny};
use serde_path_to_error::{Path, Segment};
use std::collections::HashMap;

/// Bytes that are kept of the beginning and of the end of a long text.
const SHORTENED_PART: usize = 150;

/// Why a text could not be parsed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not JSON.
    #[error("{0}")]
    Malformed(String),
    /// It is JSON, but not a valid value of the type.
    #[error("{cause}")]
    Invalid {
        /// The position, as a JSON pointer.
        pointer: String,
        /// The error at this position.
        cause: String,
    },
}

/// Parses a JSON object.
pub fn parse<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    // Syntax first: every later error is one of the value.
    let utf8 = std::str::from_utf8(text).map_err(|cause| Error::Malformed(cause.to_string()))?;
    serde_json::from_str::<IgnoredAny>(utf8).map_err(|cause| Error::Malformed(cause.to_string()))?;
    // serde accepts an array for a struct whose fields are all optional.
    if !is_object(text) {
        let cause = "The body is to be a JSON object.".to_owned();
        return Err(Error::Invalid { pointer: String::new(), cause });
    }
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(text)).map_err(|error| {
        let pointer = shortened(to_pointer(error.path()));
        // The pointer gives the position; line and column are left out.
        let cause = error.into_inner().to_string();
        let cause = cause.rsplit_once(" at line ").map_or(cause.as_str(), |(cause, _)| cause).to_owned();
        let cause = shortened(cause);
        Error::Invalid { pointer, cause }
    })
}

/// Whether this JSON text is an object.
pub fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().first() == Some(&b'{')
}

/// A JSON pointer (RFC 6901).
fn to_pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        let token = match segment {
            Segment::Seq { index } => index.to_string(),
            Segment::Map { key } => key.replace('~', "~0").replace('/', "~1"),
            Segment::Enum { variant } => variant.clone(),
            Segment::Unknown => continue,
        };
        pointer.push('/');
        pointer.push_str(&token);
    }
    pointer
}

/// A text that repeats something of the sender's, without its middle where it is long: an answer is no larger than what it
/// answers.
pub fn shortened(text: String) -> String {
    if text.len() <= 2 * SHORTENED_PART {
        return text;
    }
    let (head, tail) = (text.floor_char_boundary(SHORTENED_PART), text.ceil_char_boundary(text.len() - SHORTENED_PART));
    format!("{}…{}", &text[..head], &text[tail..])
}

/// Whether the text is an object without members.
pub fn is_empty_object(text: &[u8]) -> bool {
    serde_json::from_slice::<HashMap<String, IgnoredAny>>(text).is_ok_and(|members| members.is_empty())
}
