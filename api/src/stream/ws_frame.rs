//! Encoding of server messages as WebSocket frames (RFC 6455, section 5.2). Frames of a server are not masked, so the same
//! bytes can be sent to every client. The frame of a message is one buffer, with room for the longest header.

use actix_http::ws::{CloseCode, CloseReason, Parser};
use actix_web::web::{Bytes, BytesMut};
use bytes::BufMut;
use std::cell::RefCell;
use watchtape_shared::stream::ServerMessage;

const FINAL_TEXT: u8 = 0x81;
const FINAL_CLOSE: u8 = 0x88;
/// The longest header of an unmasked frame.
const MAX_HEADER_BYTES: usize = 10;

/// The header of a text frame whose payload has `len` bytes, in a buffer with room for that payload.
pub(super) fn begin_text(len: usize) -> BytesMut {
    let mut frame = BytesMut::with_capacity(len + MAX_HEADER_BYTES);
    frame.put_u8(FINAL_TEXT);
    if len < 126 {
        frame.put_u8(len as u8);
    } else if let Ok(len) = u16::try_from(len) {
        frame.put_u8(126);
        frame.put_u16(len);
    } else {
        frame.put_u8(127);
        frame.put_u64(len as u64);
    }
    frame
}

thread_local! {
    /// Messages are serialised here, and then copied into a buffer of known size. A buffer that grew with each message
    /// would be freed in the size class of a connection's write buffer, and be reused for one with all its pages resident.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// Encodes a message as a text frame.
pub(super) fn encode(message: &ServerMessage) -> Bytes {
    SCRATCH.with_borrow_mut(|json| {
        json.clear();
        serde_json::to_writer(&mut *json, message).expect("messages are plain data");
        let mut frame = begin_text(json.len());
        frame.extend_from_slice(json);
        frame.freeze()
    })
}

/// Encodes a close frame.
pub(super) fn encode_close(code: u16, reason: &str) -> Bytes {
    let mut frame = BytesMut::new();
    let description = Some(reason.to_owned());
    Parser::write_close(&mut frame, Some(CloseReason { code: CloseCode::from(code), description }), false);
    frame.freeze()
}

/// The code of a close frame; `None` for any other, and for one without a code.
pub(super) fn close_code(frame: &[u8]) -> Option<u16> {
    match frame {
        [FINAL_CLOSE, _, high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_of_a_close_frame_is_read_back() {
        assert_eq!(close_code(&encode_close(4008, "the client does not read")), Some(4008));
        assert_eq!(close_code(&begin_text(3)), None);
        assert_eq!(close_code(&[FINAL_CLOSE, 0]), None);
    }
}
