//! The WebSocket handshake (RFC 6455, section 4.2.1), checked beyond what the framework does: it takes drafts' versions, any
//! text as a key, and upgrades over HTTP/1.0.

use crate::stream::HandshakeError;
use actix_web::http::{Version, header};
use actix_web::{HttpRequest, HttpResponseBuilder};
use actix_web_actors::ws;
use data_encoding::BASE64;
use watchtape_shared::stream::SUBPROTOCOL;

const VERSION: &str = "13";
/// Bytes of a key, before its base64.
const KEY_BYTES: usize = 16;

/// The answer to the handshake, or why it is refused.
pub(super) fn answer(request: &HttpRequest) -> Result<HttpResponseBuilder, HandshakeError> {
    let response = match ws::handshake_with_protocols(request, &[SUBPROTOCOL]) {
        Err(ws::HandshakeError::NoVersionHeader | ws::HandshakeError::UnsupportedVersion) => {
            return Err(HandshakeError::OtherVersion);
        }
        answered => answered?,
    };
    let field = |name| request.headers().get(name).map(header::HeaderValue::as_bytes).unwrap_or_default();
    if field(header::SEC_WEBSOCKET_VERSION) != VERSION.as_bytes() {
        return Err(HandshakeError::OtherVersion);
    }
    if request.version() < Version::HTTP_11 {
        return Err(HandshakeError::Malformed("HTTP/1.0 has no upgrade"));
    }
    if !BASE64.decode(field(header::SEC_WEBSOCKET_KEY)).is_ok_and(|key| key.len() == KEY_BYTES) {
        return Err(HandshakeError::Malformed("Sec-WebSocket-Key is 16 bytes in base64"));
    }
    Ok(response)
}
