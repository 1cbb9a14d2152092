//! A receiver of webhooks: answers, hangs or fails by the path, and remembers when each request was there.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

type Times = Arc<Mutex<HashMap<String, Instant>>>;

/// The receiver, on a thread of its own.
pub(crate) struct Receiver {
    pub(crate) address: SocketAddr,
    times: Times,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let (sender, address) = tokio::sync::oneshot::channel();
        let times = Times::default();
        let remembered = times.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
                sender.send(listener.local_addr().expect("an address")).expect("a listener");
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(serve(stream, remembered.clone()));
                }
            });
        });
        Self { address: address.await.expect("an address"), times }
    }

    /// When a delivery was read first, by its id.
    pub(crate) fn times(&self) -> HashMap<String, Instant> {
        self.times.lock().expect("a lock").clone()
    }
}

async fn serve(mut stream: TcpStream, times: Times) -> Option<()> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8_192]);
    let end = loop {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let field = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let length: usize = field("content-length:")?.parse().ok()?;
    while bytes.len() < end + length {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        bytes.extend_from_slice(&buffer[..read]);
    }
    times.lock().expect("a lock").entry(field("webhook-id:")?.to_owned()).or_insert_with(Instant::now);
    let status = match head.split(' ').nth(1)? {
        "/hang" => std::future::pending().await,
        "/fail" => "500 Internal Server Error",
        _ => "200 OK",
    };
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()
}
