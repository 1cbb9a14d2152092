//! A WebSocket connection to a vendor: bounded messages, and no silence that is taken for a quiet market.
//!
//! An error says what happened in our own words: a vendor's may repeat the key it was sent.

use super::error::AskError;
use super::http::{Deadlines, MAX_BYTES, USER_AGENT, cause, refusal, wait};
use bytes::Bytes;
use chrono::Utc;
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
pub struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    deadlines: Deadlines,
    heard_at: Instant,
    /// Whether a ping has been sent since anything was heard.
    pinged: bool,
}

impl Socket {
    /// Connects within the deadline. The address may hold a key: it is in no error.
    pub async fn connect(url: &str, deadlines: Deadlines) -> Result<Self, AskError> {
        let mut request = url.into_client_request().map_err(failed)?;
        request.headers_mut().insert("User-Agent", HeaderValue::from_static(USER_AGENT));
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER_BYTES)
            .max_message_size(Some(MAX_BYTES))
            .max_frame_size(Some(MAX_BYTES));
        let connecting = timeout(deadlines.connect, connect_async_with_config(request, Some(config), true));
        let late = |_| AskError::Unavailable(format!("no connection within {} ms", deadlines.connect.as_millis()));
        let (inner, _) = connecting.await.map_err(late)?.map_err(failed)?;
        Ok(Self { inner, deadlines, heard_at: Instant::now(), pinged: false })
    }

    /// Says something.
    pub async fn send(&mut self, text: String) -> Result<(), AskError> {
        self.transmit(Message::text(text)).await
    }

    /// The next message. A connection on which nothing is heard is asked whether it is there, and given up when it does
    /// not answer. Loses nothing when it is dropped halfway.
    pub async fn next(&mut self) -> Result<Utf8Bytes, AskError> {
        let silence = self.deadlines.silence;
        loop {
            let due = self.heard_at + if self.pinged { silence } else { silence / 2 };
            let Ok(message) = timeout_at(due, self.inner.next()).await else {
                if self.pinged {
                    return Err(AskError::Unavailable("silent".to_owned()));
                }
                self.transmit(Message::Ping(Bytes::new())).await?;
                self.pinged = true;
                continue;
            };
            self.heard_at = Instant::now();
            self.pinged = false;
            match message {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {}
                Some(Ok(Message::Binary(_))) => {
                    return Err(AskError::Malformed("a binary message".to_owned()));
                }
                Some(Ok(Message::Close(frame))) => {
                    let code = frame.map_or_else(String::new, |frame| format!(" with {}", u16::from(frame.code)));
                    return Err(AskError::Unavailable(format!("the vendor closed the connection{code}")));
                }
                Some(Err(error)) => return Err(failed(error)),
                None => return Err(AskError::Unavailable("the connection ended".to_owned())),
            }
        }
    }

    /// The next message, where one is due.
    pub async fn answer(&mut self) -> Result<Utf8Bytes, AskError> {
        let total = self.deadlines.total;
        let late = |_| AskError::Unavailable(format!("no answer within {} ms", total.as_millis()));
        timeout(total, self.next()).await.map_err(late)?
    }

    /// Says goodbye: a vendor may hold a connection that just vanishes against the next one.
    pub async fn close(mut self) {
        // It is gone already, then.
        let _ = timeout(self.deadlines.connect, self.inner.close(None)).await;
    }

    /// Closes it because nobody takes what it delivers any more, which is how its stream ends.
    pub async fn close_unheard(self) -> Result<Infallible, AskError> {
        self.close().await;
        Err(AskError::Unavailable("nobody listens any more".to_owned()))
    }

    async fn transmit(&mut self, message: Message) -> Result<(), AskError> {
        let late = |_| AskError::Unavailable("the vendor reads nothing".to_owned());
        timeout(self.deadlines.total, self.inner.send(message)).await.map_err(late)?.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn failed(error: tungstenite::Error) -> AskError {
    match &error {
        tungstenite::Error::Http(response) => {
            let wait = wait(response.headers(), Utc::now());
            // A good status that is no upgrade is as useless as a bad one.
            refusal(response.status(), wait).unwrap_or_else(|| AskError::Unavailable("no WebSocket there".to_owned()))
        }
        tungstenite::Error::Capacity(_) => AskError::Malformed(format!("a message of more than {MAX_BYTES} bytes")),
        tungstenite::Error::ConnectionClosed
        | tungstenite::Error::Protocol(
            ProtocolError::ResetWithoutClosingHandshake | ProtocolError::HandshakeIncomplete,
        ) => AskError::Unavailable("the connection ended".to_owned()),
        tungstenite::Error::Protocol(_) | tungstenite::Error::Utf8(_) | tungstenite::Error::AttackAttempt => {
            AskError::Malformed(format!("not the WebSocket protocol: {}", cause(&error)))
        }
        tungstenite::Error::Io(error) => AskError::Unavailable(format!("the connection failed: {}", cause(error))),
        tungstenite::Error::Url(_) | tungstenite::Error::HttpFormat(_) => {
            AskError::Unavailable("the address is not usable".to_owned())
        }
        _ => AskError::Unavailable("the connection failed".to_owned()),
    }
}
