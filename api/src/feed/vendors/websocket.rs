//! A WebSocket connection to a vendor: messages of at most 1 MiB, a ping after half of the silence deadline, an error
//! after all of it. Deliberately absent: reconnecting.
//!
//! Error texts never contain text of the vendor, which may repeat the API key.

use super::error::VendorError;
use super::http::{Deadlines, MAX_BYTES, USER_AGENT, cause, retry_after, status_error};
use crate::clock;
use crate::tls;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use reqwest::header::HeaderValue;
use std::convert::Infallible;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message, Utf8Bytes};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

const READ_BUFFER_BYTES: usize = 16 * 1024;

/// An open connection.
pub struct VendorSocket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    deadlines: Deadlines,
    received_at: Instant,
    /// Whether a ping was sent since the last message.
    is_ping_pending: bool,
}

impl VendorSocket {
    /// Connects within the deadline. The URL may contain a key: no error contains it.
    pub async fn connect(url: &str, deadlines: Deadlines) -> Result<Self, VendorError> {
        tls::install();
        let mut request = url.into_client_request().map_err(failed)?;
        request.headers_mut().insert("User-Agent", HeaderValue::from_static(USER_AGENT));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .max_message_size(Some(MAX_BYTES))
            .max_frame_size(Some(MAX_BYTES));
        let connecting = timeout(deadlines.connect, connect_async_with_config(request, Some(config), true));
        let late = |_| VendorError::Unavailable(format!("no connection within {} ms", deadlines.connect.as_millis()));
        let (inner, _) = connecting.await.map_err(late)?.map_err(failed)?;
        Ok(Self { inner, deadlines, received_at: Instant::now(), is_ping_pending: false })
    }

    /// Sends a text message within the deadline.
    pub async fn send(&mut self, text: String) -> Result<(), VendorError> {
        self.transmit(Message::text(text)).await
    }

    /// The next text message. Sends a ping on a silent connection, and fails when that is not answered. Cancel-safe.
    pub async fn next(&mut self) -> Result<Utf8Bytes, VendorError> {
        let silence = self.deadlines.silence;
        loop {
            let due = self.received_at + if self.is_ping_pending { silence } else { silence / 2 };
            let Ok(message) = timeout_at(due, self.inner.next()).await else {
                if self.is_ping_pending {
                    return Err(VendorError::Unavailable("silent".to_owned()));
                }
                self.transmit(Message::Ping(Bytes::new())).await?;
                self.is_ping_pending = true;
                continue;
            };
            self.received_at = Instant::now();
            self.is_ping_pending = false;
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => {
                    return Err(VendorError::Malformed("a binary message".to_owned()));
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or_else(String::new, |frame| format!(" with {}", u16::from(frame.code)));
                    return Err(VendorError::Unavailable(format!("the vendor closed the connection{code}")));
                }
                Some(Err(error)) => return Err(failed(error)),
                None => return Err(VendorError::Unavailable("the connection ended".to_owned())),
            }
        }
    }

    /// The next text message, within the deadline of a call: the answer to a request.
    pub async fn next_answer(&mut self) -> Result<Utf8Bytes, VendorError> {
        let total = self.deadlines.total;
        let late = |_| VendorError::Unavailable(format!("no answer within {} ms", total.as_millis()));
        timeout(total, self.next()).await.map_err(late)?
    }

    /// Closes the connection with a close frame: some vendors count a dropped one as open for a while.
    pub async fn close(mut self) {
        // An error means that it is closed already.
        let _ = timeout(self.deadlines.connect, self.inner.close(None)).await;
    }

    /// Closes a connection whose receiver was dropped; always an error, which ends the stream.
    pub async fn close_unused(self) -> Result<Infallible, VendorError> {
        self.close().await;
        Err(VendorError::Unavailable("nobody listens any more".to_owned()))
    }

    async fn transmit(&mut self, message: Message) -> Result<(), VendorError> {
        let late = |_| VendorError::Unavailable("the vendor reads nothing".to_owned());
        timeout(self.deadlines.total, self.inner.send(message)).await.map_err(late)?.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn failed(error: tungstenite::Error) -> VendorError {
    match &error {
        tungstenite::Error::Http(response) => {
            let wait = retry_after(response.headers(), clock::now());
            // A 2xx other than the upgrade is a failure too.
            status_error(response.status(), wait)
                .unwrap_or_else(|| VendorError::Unavailable("no WebSocket there".to_owned()))
        }
        tungstenite::Error::Capacity(_) => VendorError::Malformed(format!("a message of more than {MAX_BYTES} bytes")),
        tungstenite::Error::ConnectionClosed
        | tungstenite::Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => VendorError::Unavailable("the connection ended".to_owned()),
        tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) | tungstenite::Error::AttackAttempt => {
            VendorError::Malformed(format!("not the WebSocket protocol: {}", cause(&error)))
        }
        tungstenite::Error::Io(error) => VendorError::Unavailable(format!("the connection failed: {}", cause(error))),
        tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => {
            VendorError::Unavailable("the address is not usable".to_owned())
        }
        _ => VendorError::Unavailable("the connection failed".to_owned()),
    }
}
