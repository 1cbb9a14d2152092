//! One hostile guest at an address of its own: floods of frames, costly messages, large answers that are read slowly, slow
//! uploads, reorders, wrong passwords, and connections that say nothing.

use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const STREAMS: usize = 20;
const SLOW_READERS: usize = 150;
const SLOW_UPLOADS: usize = 20;
const IDLE: usize = 200;
const REORDERS: usize = 30;
const SIGN_INS: usize = 20;
const READS: usize = 30;

/// What the guest has.
#[derive(Clone)]
struct Guest {
    client: Client,
    address: String,
    token: String,
    lists: Vec<String>,
    symbols: Vec<String>,
}

/// Attacks the server for so long.
pub(crate) async fn attack(address: String, time: Duration) {
    let guest = Guest::begin(address).await;
    let end = Instant::now() + time;
    let mut work: Vec<tokio::task::JoinHandle<()>> = Vec::new();
    for number in 0..STREAMS {
        work.push(tokio::spawn(guest.clone().stream(number, end)));
    }
    for _ in 0..SLOW_READERS {
        work.push(tokio::spawn(guest.clone().read_slowly(end)));
    }
    for _ in 0..SLOW_UPLOADS {
        work.push(tokio::spawn(guest.clone().upload_slowly(end)));
    }
    for _ in 0..IDLE {
        work.push(tokio::spawn(guest.clone().stay(end)));
    }
    for _ in 0..REORDERS {
        work.push(tokio::spawn(guest.clone().reorder(end)));
    }
    for _ in 0..SIGN_INS {
        work.push(tokio::spawn(guest.clone().guess(end)));
    }
    for _ in 0..READS {
        work.push(tokio::spawn(guest.clone().read(end)));
    }
    join_all(work).await;
}

impl Guest {
    async fn begin(address: String) -> Self {
        let client = Client::builder().local_address(IpAddr::V4(ADDRESS)).build().expect("a client");
        let mut guest = Self { client, address, token: String::new(), lists: Vec::new(), symbols: Vec::new() };
        let signed_in = guest.call(Method::POST, "/auth/guest", Some(json!({ "transport": "body" }))).await;
        guest.token = signed_in["access_token"].as_str().expect("a token").to_owned();
        let mut path = "/tickers?limit=50".to_owned();
        while guest.symbols.len() < 1_000 {
            let page = guest.call(Method::GET, &path, None).await;
            let found = page["items"].as_array().expect("items").iter();
            guest.symbols.extend(found.filter_map(|item| item["symbol"].as_str().map(str::to_owned)));
            path = format!("/tickers?limit=50&cursor={}", page["next_cursor"].as_str().expect("more"));
        }
        guest.symbols.truncate(1_000);
        let note = "\u{1F600}".repeat(120);
        for number in 0..10 {
            let made = guest.call(Method::POST, "/watchlists", Some(json!({ "name": format!("L{number}") }))).await;
            let id = made["id"].as_str().expect("an id").to_owned();
            for symbols in guest.symbols.chunks(80) {
                let item = |symbol: &String| json!({ "symbol": symbol, "note": note });
                let items: Vec<Value> = symbols.iter().map(item).collect();
                guest
                    .call(Method::POST, &format!("/watchlists/{id}/items/bulk"), Some(json!({ "items": items })))
                    .await;
            }
            guest.lists.push(id);
        }
        guest
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.client.request(method, format!("http://{}/api/v1{path}", self.address));
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        match request.timeout(Duration::from_secs(20)).send().await {
            Ok(answer) => answer.json().await.unwrap_or(Value::Null),
            Err(_) => Value::Null,
        }
    }

    async fn connect(&self) -> Option<TcpStream> {
        let socket = TcpSocket::new_v4().ok()?;
        socket.set_recv_buffer_size(4_096).ok()?;
        socket.bind(SocketAddr::new(IpAddr::V4(ADDRESS), 0)).ok()?;
        socket.connect(self.address.parse().ok()?).await.ok()
    }

    /// A stream that sends the worst that it can for as long as it lives, and comes back when it is closed.
    async fn stream(self, number: usize, end: Instant) {
        let mut round = number;
        while Instant::now() < end {
            if let Some(stream) = self.connect().await {
                let _ = tokio::time::timeout_at(end, self.flood(stream, round)).await;
            }
            round += 1;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn flood(&self, mut stream: TcpStream, round: usize) -> std::io::Result<()> {
        let head = format!(
            "GET /api/v1/stream HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
             Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            self.address, self.token
        );
        stream.write_all(head.as_bytes()).await?;
        let frames = match round % 4 {
            0 => frame(0x8A, b"").repeat(5_000),
            1 => [frame(0x01, b"{"), frame(0x00, b"").repeat(5_000)].concat(),
            2 => {
                let all = |op: &str| frame(0x81, json!({ "op": op, "symbols": self.symbols }).to_string().as_bytes());
                [all("subscribe"), all("unsubscribe")].concat().repeat(20)
            }
            _ => {
                let watch = |list: &String| {
                    let message = json!({ "op": "watch", "watchlist": list, "prices": false });
                    let forget = json!({ "op": "unwatch", "watchlist": list });
                    [frame(0x81, message.to_string().as_bytes()), frame(0x81, forget.to_string().as_bytes())].concat()
                };
                self.lists.iter().map(watch).collect::<Vec<_>>().concat()
            }
        };
        let (mut reading, mut writing) = stream.into_split();
        let sending = async {
            loop {
                writing.write_all(&frames).await?;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        let mut buffer = vec![0; 1 << 16];
        let reading = async {
            while reading.read(&mut buffer).await? > 0 {}
            Ok::<(), std::io::Error>(())
        };
        tokio::select! {
            ended = sending => ended,
            ended = reading => ended,
        }
    }

    /// Large answers, of which next to nothing is read.
    async fn read_slowly(self, end: Instant) {
        let request = format!(
            "GET /api/v1/watchlists/{} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            self.lists[0], self.address, self.token
        );
        self.hold(request, end).await;
    }

    /// Uploads that begin and do not come.
    async fn upload_slowly(self, end: Instant) {
        let request = format!(
            "POST /api/v1/watchlists/{}/import HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: text/csv\r\nContent-Length: 16000000\r\n\r\nsymbol{}",
            self.lists[1],
            self.address,
            self.token,
            ",".repeat(100_000)
        );
        self.hold(request, end).await;
    }

    async fn stay(self, end: Instant) {
        self.hold(format!("GET /livez HTTP/1.1\r\nHost: {}\r\n\r\n", self.address), end).await;
    }

    /// Sends the request, and reads a little now and then until the server closes; then again.
    async fn hold(&self, request: String, end: Instant) {
        while Instant::now() < end {
            let Some(mut stream) = self.connect().await else {
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let held = async {
                stream.write_all(request.as_bytes()).await?;
                let mut buffer = [0; 512];
                while stream.read(&mut buffer).await? > 0 {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                }
                Ok::<(), std::io::Error>(())
            };
            let _ = tokio::time::timeout_at(end, held).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn reorder(self, end: Instant) {
        let path = format!("/watchlists/{}/order", self.lists[2]);
        while Instant::now() < end {
            let mut symbols = self.symbols.clone();
            symbols.rotate_left(1 + rand::random_range(0..900));
            let request = self.client.put(format!("http://{}/api/v1{path}", self.address)).bearer_auth(&self.token);
            let request = request.header("If-Match", "*").json(&json!({ "symbols": symbols }));
            let _ = request.timeout(Duration::from_secs(20)).send().await;
        }
    }

    async fn guess(self, end: Instant) {
        while Instant::now() < end {
            let body = json!({ "email": "victim@example.org", "password": format!("{:x}", rand::random::<u64>()) });
            self.call(Method::POST, "/auth/login", Some(body)).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn read(self, end: Instant) {
        let symbols = self.symbols[..100].join(",");
        let paths = [
            format!("/quotes/sparklines?symbols={symbols}"),
            format!("/watchlists/{}/export?format=csv", self.lists[3]),
            format!("/watchlists/{}?include=quotes", self.lists[4]),
            "/me/export".to_owned(),
        ];
        let mut number = 0;
        while Instant::now() < end {
            self.call(Method::GET, &paths[number % paths.len()], None).await;
            number += 1;
        }
    }
}

/// A frame with a mask of zeros: legal, and costs its sender nothing.
fn frame(first_byte: u8, body: &[u8]) -> Vec<u8> {
    let length = match body.len() {
        short @ 0..126 => vec![0x80 | short as u8],
        long => [vec![0xFE], (long as u16).to_be_bytes().to_vec()].concat(),
    };
    [&[first_byte][..], &length, &[0; 4], body].concat()
}
