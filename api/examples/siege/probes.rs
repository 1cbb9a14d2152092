//! Another user: reads, changes, signs in and watches prices, at a person's pace, and notes how long each took.

use futures_util::{SinkExt, StreamExt};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const EMAIL: &str = "victim@example.org";
const PASSWORD: &str = "correct horse battery staple 7";

/// What one kind of request took.
#[derive(Default)]
pub(crate) struct Seen {
    /// Milliseconds.
    pub(crate) times: Vec<f64>,
    /// Answers of 500 and above, and none.
    pub(crate) faults: usize,
}

impl Seen {
    pub(crate) fn p99_ms(&self) -> f64 {
        let mut times = self.times.clone();
        times.sort_by(f64::total_cmp);
        times.get((times.len() * 99 / 100).min(times.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
    }
}

/// What each kind took.
pub(crate) struct Outcome([(&'static str, Seen); 4]);

impl Outcome {
    /// Each kind with that of another run.
    pub(crate) fn beside<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (&'static str, &'a Seen, &'a Seen)> {
        self.0.iter().zip(&other.0).map(|((name, one), (_, other))| (*name, one, other))
    }
}

/// A registered account, with a list of some symbols.
pub(crate) struct Probes {
    client: Client,
    address: String,
    token: String,
    list: String,
}

impl Probes {
    pub(crate) async fn register(address: &str) -> Self {
        let client = Client::new();
        let body = json!({ "email": EMAIL, "password": PASSWORD, "transport": "body" });
        let url = format!("http://{address}/api/v1/auth/register");
        let answer: Value = client.post(url).json(&body).send().await.expect("sent").json().await.expect("JSON");
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        let mut probes = Self { client, address: address.to_owned(), token, list: String::new() };
        let lists: Value =
            probes.request(Method::GET, "/watchlists").send().await.expect("sent").json().await.expect("JSON");
        probes.list = lists["items"][0]["id"].as_str().expect("a list").to_owned();
        for symbol in ["AAPL", "MSFT", "NVDA", "GOOG", "AMZN"] {
            let path = format!("/watchlists/{}/items", probes.list);
            probes.request(Method::POST, &path).json(&json!({ "symbol": symbol })).send().await.expect("sent");
        }
        probes
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}/api/v1{path}", self.address)).bearer_auth(&self.token)
    }

    /// Everything at once, for so long.
    pub(crate) async fn run(&self, time: Duration) -> Outcome {
        let (list, item) = (format!("/watchlists/{}", self.list), format!("/watchlists/{}/items/AAPL", self.list));
        let login = json!({ "email": EMAIL, "password": PASSWORD, "transport": "body" });
        let reads = self.repeat(time, 250, |_| self.request(Method::GET, &list));
        let changes = self.repeat(time, 500, |number| {
            let patch = json!({ "note": format!("note {number}") }).to_string();
            let request = self.request(Method::PATCH, &item).body(patch);
            request.header("Content-Type", "application/merge-patch+json")
        });
        let sign_ins = self.repeat(time, 2_000, |_| {
            self.client.post(format!("http://{}/api/v1/auth/login", self.address)).json(&login)
        });
        let (reads, changes, sign_ins, prices) = tokio::join!(reads, changes, sign_ins, self.watch(time));
        Outcome([("GET a list", reads), ("PATCH an item", changes), ("sign-in", sign_ins), ("price delivery", prices)])
    }

    async fn repeat(&self, time: Duration, every_ms: u64, make: impl Fn(usize) -> RequestBuilder) -> Seen {
        let (mut seen, end) = (Seen::default(), Instant::now() + time);
        let mut pace = tokio::time::interval(Duration::from_millis(every_ms));
        while Instant::now() < end {
            pace.tick().await;
            let begun = Instant::now();
            let answer = make(seen.times.len()).timeout(Duration::from_secs(20)).send().await;
            let status = answer.map(|answer| answer.status());
            seen.times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            match status {
                Ok(status) if !status.is_server_error() => {
                    assert!(status.is_success(), "the probe itself is refused: {status}");
                }
                _ => seen.faults += 1,
            }
        }
        seen
    }

    /// How old each `ticks` message is when it comes.
    async fn watch(&self, time: Duration) -> Seen {
        let mut request = format!("ws://{}/api/v1/stream", self.address).into_client_request().expect("an address");
        let bearer = format!("Bearer {}", self.token).parse().expect("a header");
        request.headers_mut().insert("Authorization", bearer);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.expect("a connection");
        let subscribe = json!({ "op": "subscribe", "symbols": ["AAPL", "MSFT", "NVDA", "GOOG", "AMZN"] });
        socket.send(Message::text(subscribe.to_string())).await.expect("an open connection");
        let (mut seen, end) = (Seen::default(), tokio::time::Instant::now() + time);
        while let Ok(message) = tokio::time::timeout_at(end, socket.next()).await {
            let text = match message {
                Some(Ok(Message::Text(text))) => text,
                // Answered by the library.
                Some(Ok(Message::Ping(_))) => continue,
                _ => {
                    seen.faults += 1;
                    break;
                }
            };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if let Some(published_at) = message["ts"].as_i64() {
                let age = chrono::Utc::now().timestamp_micros() - published_at;
                seen.times.push(age as f64 / 1_000.0);
            }
        }
        seen
    }
}
