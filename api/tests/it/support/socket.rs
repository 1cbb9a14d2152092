//! A client of the price stream.

use super::{Client, secrets, within};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// An open connection.
pub(crate) struct Socket {
    inner: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What was last said of the market.
    market: Value,
}

impl Socket {
    /// Connects with these headers beside the subprotocol.
    pub(crate) async fn connect(client: &Client, headers: &[(&str, &str)]) -> Result<Self, tungstenite::Error> {
        let address = format!("ws://{}/api/v1/stream", client.address);
        secrets::watch_address(&address);
        let mut request = address.into_client_request()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("watchtape.v1"));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header's name");
            request.headers_mut().insert(name, HeaderValue::from_str(value).expect("a header's value"));
        }
        let (inner, response) = tokio_tungstenite::connect_async(request).await?;
        assert_eq!(response.headers()["Sec-WebSocket-Protocol"], "watchtape.v1");
        Ok(Self { inner, market: Value::Null })
    }

    /// Connects as a program does, and takes in the greeting.
    pub(crate) async fn open(client: &Client) -> Self {
        let token = client.token.as_ref().expect("signed in");
        let bearer = format!("Bearer {token}");
        let mut socket = Self::connect(client, &[("Authorization", &bearer)]).await.expect("a connection");
        assert_eq!(socket.any().await["type"], "hello");
        assert_eq!(socket.any().await["type"], "market");
        socket
    }

    /// Says something.
    pub(crate) async fn say(&mut self, message: Value) {
        secrets::keep_fields(&message);
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends any frame.
    pub(crate) async fn send(&mut self, message: Message) {
        self.inner.send(message).await.expect("an open connection");
    }

    /// Says something, if the connection is still open.
    pub(crate) async fn try_say(&mut self, message: &Value) {
        let _ = self.inner.send(Message::text(message.to_string())).await;
    }

    /// The code that the server has closed with; `None` once it has answered a ping instead.
    pub(crate) async fn closed_or_ponged(&mut self) -> Option<u16> {
        loop {
            match within(self.inner.next()).await {
                Some(Ok(Message::Close(reason))) => return Some(reason.expect("a reason").code.into()),
                Some(Ok(Message::Text(text))) if text.contains(r#""type":"pong""#) => return None,
                Some(Ok(_)) => {}
                other => panic!("neither a close nor a pong: {other:?}"),
            }
        }
    }

    /// Subscribes symbols, every round.
    pub(crate) async fn subscribe(&mut self, symbols: &[&str]) {
        self.say(json!({ "op": "subscribe", "symbols": symbols })).await;
    }

    async fn frame(&mut self) -> Message {
        within(self.inner.next()).await.expect("an open connection").expect("a frame")
    }

    /// The next message that is not of the market, which may come at any time.
    pub(crate) async fn next(&mut self) -> Value {
        loop {
            let message = self.any().await;
            if message["type"] != "market" {
                return message;
            }
        }
    }

    /// The next message.
    async fn any(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).expect("JSON");
                    if message["type"] == "market" {
                        self.market.clone_from(&message);
                    }
                    return message;
                }
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a message: {other:?}"),
            }
        }
    }

    /// The next message of a type; others are passed over.
    pub(crate) async fn next_of(&mut self, kind: &str) -> Value {
        loop {
            let message = self.any().await;
            if message["type"] == kind {
                return message;
            }
        }
    }

    /// Whether the feed has ended, as far as this client has been told.
    pub(crate) fn has_heard_the_end(&self) -> bool {
        self.market["feed"]["status"] == "ended"
    }

    /// The next message that is neither prices nor the market, which come when they please.
    pub(crate) async fn control(&mut self) -> Value {
        loop {
            let message = self.next().await;
            if message["type"] != "ticks" {
                return message;
            }
        }
    }

    /// The code that the server closes with; messages before it are passed over.
    pub(crate) async fn closed(&mut self) -> u16 {
        loop {
            if let Message::Close(reason) = self.frame().await {
                return reason.expect("a reason").code.into();
            }
        }
    }
}
