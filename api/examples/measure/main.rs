//! Measures the server as a process: start, memory, search, and other requests while people sign in or guess. Prints one
//! table and asserts nothing. `make measure` builds and runs it; the first argument is the server's binary.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod sign_ins;

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SEARCHES: [&str; 12] = [
    "apple",
    "nvidai",
    "berkshre hath",
    "jp morgan",
    "at&t",
    "US0378331005",
    "brkb",
    "coca cola",
    "tesla",
    "microsft",
    "s",
    "bank of",
];

struct Served {
    child: Child,
    address: String,
    ready: Duration,
}

impl Served {
    fn start(binary: &str, data_dir: &str) -> Self {
        Self::start_with(binary, data_dir, &[])
    }

    fn start_with(binary: &str, data_dir: &str, flags: &[&str]) -> Self {
        let started = Instant::now();
        let mut child = Command::new(binary)
            // One machine asks here for many people.
            .args(["serve", "--listen", "127.0.0.1:0", "--api-per-minute", "0", "--anon-per-minute", "0"])
            .args(["--data-dir", data_dir])
            .args(flags)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server's binary");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).expect("a line") > 0, "the server stopped");
            let event: Value = serde_json::from_str(&line).expect("a log line");
            if event["message"] == "listening" {
                break event["address"].as_str().expect("an address").to_owned();
            }
        };
        let ready = started.elapsed();
        std::thread::spawn(move || log.read_to_end(&mut Vec::new()));
        Self { child, address, ready }
    }

    fn api(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    fn resident_mb(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a size");
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).expect("a number") / 1024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn print(what: &str, figure: &str) {
    println!("{what:<58} {figure:>28}");
}

fn quantiles(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    format!("p50 {:.2} ms, p99 {:.2} ms", at(0.5), at(0.99))
}

#[actix_web::main]
async fn main() {
    let binary = std::env::args().nth(1).expect("usage: measure SERVER-BINARY");
    let folder = tempfile::TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");

    let first = Served::start(&binary, data_dir);
    print("first start, the catalogue imported", &format!("{} ms", first.ready.as_millis()));
    drop(first);
    let mut later: Vec<_> = (0..5).map(|_| Served::start(&binary, data_dir).ready).collect();
    later.sort_unstable();
    print("later start, median of 5", &format!("{} ms", later[2].as_millis()));

    // Everybody signs in from one address here.
    let server = Served::start_with(&binary, data_dir, &["--login-per-minute", "0"]);
    tokio::time::sleep(Duration::from_secs(10)).await;
    print("resident memory, idle for 10 s", &format!("{:.1} MB", server.resident_mb()));

    let api = server.api();
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let person = json!({ "email": "person@example.com", "password": "correct horse battery", "transport": "body" });
    let answer = http.post(format!("{api}/auth/register")).json(&person).send().await.expect("an answer");
    let answer: Value = answer.json().await.expect("JSON");
    let token = answer["access_token"].as_str().expect("a token").to_owned();

    let get = |path: String| {
        let request = http.get(format!("{api}{path}")).bearer_auth(&token);
        async move {
            let started = Instant::now();
            let answer = request.send().await.expect("an answer");
            assert!(answer.status().is_success(), "{answer:?}");
            answer.bytes().await.expect("a body");
            started.elapsed()
        }
    };
    let mut times = Vec::new();
    for _ in 0..20 {
        for query in SEARCHES {
            for end in (1..=query.len()).filter(|end| query.is_char_boundary(*end)) {
                let query = query[..end].replace('&', "%26").replace(' ', "%20");
                times.push(get(format!("/tickers?q={query}&limit=10")).await);
            }
        }
    }
    print(&format!("search over HTTP, {} queries as typed", times.len()), &quantiles(times));

    let mut alone = Vec::new();
    for _ in 0..500 {
        alone.push(get("/me".to_owned()).await);
    }
    print("GET /me, nothing else going on", &quantiles(alone));
    let started = Instant::now();
    let login = http.post(format!("{api}/auth/login")).json(&person);
    let logins = futures_util::future::join_all((0..50).map(|_| {
        let login = login.try_clone().expect("a body in memory").send();
        async move { assert!(login.await.expect("an answer").status().is_success()) }
    }));
    let mut beside = Vec::new();
    let mut logins = Box::pin(logins);
    loop {
        let next = get("/me".to_owned());
        match futures_util::future::select(&mut logins, Box::pin(next)).await {
            futures_util::future::Either::Left(_) => break,
            futures_util::future::Either::Right((time, _)) => beside.push(time),
        }
    }
    print("50 sign-ins at once, all answered after", &format!("{} ms", started.elapsed().as_millis()));
    print(&format!("GET /me meanwhile, {} times", beside.len()), &quantiles(beside));
    print("resident memory afterwards", &format!("{:.1} MB", server.resident_mb()));

    sign_ins::compare_known_and_unknown(&server).await;
    drop(server);
    let server = Served::start(&binary, data_dir);
    sign_ins::guess(&server, "constant", |_| "always the same".to_owned()).await;
    sign_ins::guess(&server, "changing", |number| format!("guess number {number}")).await;
}
