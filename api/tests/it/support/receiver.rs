//! A receiver of webhooks and push messages on this machine: it answers as the test says, and remembers what it was sent.

use super::until;
use super::vendor::Reply;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request, as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// The header fields, names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// A header field; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

type Answer = Arc<dyn Fn(&Received) -> Reply + Send + Sync>;

/// The receiver.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<usize>>,
}

impl Receiver {
    /// It answers each request by this function.
    pub(crate) async fn answering(answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0", answer).await
    }

    /// The same at this address.
    pub(crate) async fn at(address: &str, answer: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (received, connections) = (Arc::<Mutex<Vec<Received>>>::default(), Arc::<Mutex<usize>>::default());
        let (answer, remembered, counted): (Answer, _, _) = (Arc::new(answer), received.clone(), connections.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                *counted.lock().expect("a lock") += 1;
                tokio::spawn(serve(stream, answer.clone(), remembered.clone()));
            }
        });
        Self { address, received, connections }
    }

    /// It takes everything.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| Reply::with(200, &[], "thanks")).await
    }

    /// A URL of it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it was sent so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.received.lock().expect("a lock").clone()
    }

    /// How often it was connected to.
    pub(crate) fn connections(&self) -> usize {
        *self.connections.lock().expect("a lock")
    }

    /// Waits for so many requests in all, and returns them.
    pub(crate) async fn until(&self, count: usize) -> Vec<Received> {
        until(&format!("{count} requests"), async || self.received().len() >= count).await;
        self.received()
    }
}

async fn serve(mut stream: TcpStream, answer: Answer, received: Arc<Mutex<Vec<Received>>>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let byte = stream.read_u8().await.ok()?;
        // Of what is no HTTP, as a handshake of TLS, only the connection counts.
        if head.is_empty() && !byte.is_ascii_uppercase() {
            return None;
        }
        head.push(byte);
    }
    let head = String::from_utf8(head).ok()?;
    let mut lines = head.lines();
    let mut request_line = lines.next()?.split(' ');
    let (method, target) = (request_line.next()?.to_owned(), request_line.next()?.to_owned());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut request = Received { method, target, headers, body: Vec::new() };
    request.body = vec![0; request.header("content-length").parse().unwrap_or_default()];
    stream.read_exact(&mut request.body).await.ok()?;
    let reply = answer(&request);
    received.lock().expect("a lock").push(request);
    match reply {
        // The server may have given up on it by now.
        Reply::Bytes(bytes) => stream.write_all(&bytes).await.ok(),
        Reply::Stall(bytes) => {
            stream.write_all(&bytes).await.ok()?;
            std::future::pending().await
        }
    }
}
