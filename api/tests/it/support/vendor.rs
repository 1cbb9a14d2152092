//! A vendor of prices on this machine: it answers what the test has put down, and remembers what it was asked.

use super::within;
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{ErrorResponse, Request, Response};

/// What the vendor does with one request.
pub(crate) enum Reply {
    /// Sends these bytes and closes.
    Bytes(Vec<u8>),
    /// Sends these bytes, then nothing more, and keeps the connection.
    Stall(Vec<u8>),
}

impl Reply {
    /// An answer with these header lines.
    pub(crate) fn with(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let mut text = format!("HTTP/1.1 {status} Some Reason\r\n");
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()));
        Self::Bytes(text.into_bytes())
    }

    /// A good answer of JSON.
    pub(crate) fn json(body: &str) -> Self {
        Self::with(200, &[("Content-Type", "application/json; charset=utf-8")], body)
    }
}

/// One request, as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// Path and query.
    pub(crate) target: String,
    /// The header lines, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Asked {
    /// A header; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

/// What it answers: each time the next of these, or what a function makes of the request.
#[derive(Clone)]
enum Replies {
    InOrder(Arc<Mutex<VecDeque<Reply>>>),
    To(Arc<dyn Fn(&Asked) -> Reply + Send + Sync>),
}

impl Replies {
    fn next(&self, asked: &Asked) -> Reply {
        match self {
            Self::InOrder(replies) => replies.lock().expect("a lock").pop_front().expect("an answer for every request"),
            Self::To(answer) => answer(asked),
        }
    }
}

/// The REST half.
pub(crate) struct FakeRest {
    address: SocketAddr,
    replies: Replies,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeRest {
    /// A vendor that answers these, in order.
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::serve(Replies::InOrder(Arc::new(Mutex::new(replies.into_iter().collect())))).await
    }

    /// A vendor that answers each request by itself.
    pub(crate) async fn answering(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        Self::serve(Replies::To(Arc::new(answer))).await
    }

    async fn serve(replies: Replies) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let fake = Self { address, replies: replies.clone(), asked: asked.clone() };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, replies.clone(), asked.clone()));
            }
        });
        fake
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts one more answer down.
    pub(crate) fn answer(&self, reply: Reply) {
        let Replies::InOrder(replies) = &self.replies else { panic!("it answers by itself") };
        replies.lock().expect("a lock").push_back(reply);
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("a lock").clone()
    }
}

async fn answer(mut stream: TcpStream, replies: Replies, asked: Arc<Mutex<Vec<Asked>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            // A client may open a connection and think better of it.
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).expect("text");
    let mut lines = head.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a request line").to_owned();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let request = Asked { target, headers };
    let reply = replies.next(&request);
    asked.lock().expect("a lock").push(request);
    match reply {
        // The client may have given up on it by now.
        Reply::Bytes(bytes) => drop(stream.write_all(&bytes).await),
        Reply::Stall(bytes) => {
            let _ = stream.write_all(&bytes).await;
            std::future::pending::<()>().await;
        }
    }
}

/// The streaming half: the test takes each connection and speaks for the vendor.
pub(crate) struct FakeStream {
    listener: TcpListener,
}

/// The vendor's side of one connection.
pub(crate) struct Peer {
    inner: WebSocketStream<TcpStream>,
    /// The path and query that the client asked for.
    pub(crate) target: String,
}

impl FakeStream {
    pub(crate) async fn start() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.expect("a port") }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_addr().expect("an address")
    }

    /// The next connection, before any handshake.
    pub(crate) async fn accept_raw(&self) -> TcpStream {
        within(self.listener.accept()).await.expect("a connection").0
    }

    /// The next connection.
    pub(crate) async fn accept(&self) -> Peer {
        let stream = self.accept_raw().await;
        let mut target = String::new();
        #[expect(clippy::result_large_err, reason = "the shape of the library's callback")]
        let remember = |request: &Request, response: Response| -> Result<Response, ErrorResponse> {
            target = request.uri().to_string();
            Ok(response)
        };
        let inner = within(tokio_tungstenite::accept_hdr_async(stream, remember)).await.expect("a handshake");
        Peer { inner, target }
    }
}

impl Peer {
    /// Says something.
    pub(crate) async fn say(&mut self, message: &Value) {
        self.send(Message::text(message.to_string())).await;
    }

    /// Sends a frame that the client may hang up on before it has it all.
    pub(crate) async fn push(&mut self, message: Message) {
        let _ = within(self.inner.send(message)).await;
    }

    /// Sends any frame.
    pub(crate) async fn send(&mut self, message: Message) {
        within(self.inner.send(message)).await.expect("an open connection");
    }

    /// The next frame of the client; the library answers its pings.
    pub(crate) async fn frame(&mut self) -> Message {
        within(self.inner.next()).await.expect("an open connection").expect("a frame")
    }

    /// The next message of the client.
    pub(crate) async fn heard(&mut self) -> Value {
        loop {
            match self.frame().await {
                Message::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a message: {other:?}"),
            }
        }
    }
}
