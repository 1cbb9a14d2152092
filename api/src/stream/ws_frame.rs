//! What the server sends, as WebSocket frames (RFC 6455, 5.2). They are not masked, so that the same bytes serve every
//! client; each is one buffer of its exact size.

use actix_http::ws::{CloseCode, CloseReason, Parser};
use actix_web::web::{Bytes, BytesMut};
use bytes::BufMut;
use std::cell::RefCell;
use watchtape_shared::stream::ServerMessage;

const FINAL_TEXT: u8 = 0x81;
/// The longest head of an unmasked frame.
const MAX_HEAD: usize = 10;

/// The beginning of a text frame, for so many bytes to follow.
pub(super) fn text(len: usize) -> BytesMut {
    let mut frame = BytesMut::with_capacity(len + MAX_HEAD);
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
    /// Where messages become JSON. A buffer that grew with each of them would be given back in the size of a connection's
    /// own, be taken for one, and leave that with all of its pages in use.
    static SCRATCH: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// A message as a frame.
pub(super) fn of(message: &ServerMessage) -> Bytes {
    SCRATCH.with_borrow_mut(|json| {
        json.clear();
        serde_json::to_writer(&mut *json, message).expect("messages are plain data");
        let mut frame = text(json.len());
        frame.extend_from_slice(json);
        frame.freeze()
    })
}

/// A close frame.
pub(super) fn close(code: u16, reason: &str) -> Bytes {
    let mut frame = BytesMut::new();
    let description = Some(reason.to_owned());
    Parser::write_close(&mut frame, Some(CloseReason { code: CloseCode::from(code), description }), false);
    frame.freeze()
}
