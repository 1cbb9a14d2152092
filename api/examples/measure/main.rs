//! Measures the server as a process: start, memory, search, other requests while people sign in or guess, and a backup. Prints one
//! table and asserts nothing. `make measure` builds and runs it; the first argument is the server's binary.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

mod backups;
#[path = "../served/mod.rs"]
mod served;
mod sign_ins;

use serde_json::{Value, json};
use served::Served;
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

/// Starts the server for one machine that asks for many people.
fn serve(binary: &str, data_dir: &str, flags: &[&str]) -> Served {
    let unlimited = ["--api-per-minute", "0", "--anon-per-minute", "0"];
    Served::start(binary, data_dir, &[&unlimited, flags].concat())
}

fn api(server: &Served) -> String {
    format!("http://{}/api/v1", server.address)
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
    let binary = std::env::args().nth(1).expect("usage: measure SERVER-BINARY [backups]");
    if std::env::args().nth(2).is_some_and(|part| part == "backups") {
        watchtape::tls::install();
        return backups::measure(&binary).await;
    }
    let folder = tempfile::TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");

    let start_time = || {
        let started = Instant::now();
        let _server = serve(&binary, data_dir, &[]);
        started.elapsed()
    };
    print("first start, the catalogue imported", &format!("{} ms", start_time().as_millis()));
    let mut later: Vec<_> = (0..5).map(|_| start_time()).collect();
    later.sort_unstable();
    print("later start, median of 5", &format!("{} ms", later[2].as_millis()));

    // Everybody signs in from one address here.
    let server = serve(&binary, data_dir, &["--login-per-minute", "0"]);
    tokio::time::sleep(Duration::from_secs(10)).await;
    print("resident memory, idle for 10 s", &format!("{:.1} MB", server.memory_mb()));

    let api = api(&server);
    watchtape::tls::install();
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
    print("resident memory afterwards", &format!("{:.1} MB", server.memory_mb()));

    sign_ins::compare_known_and_unknown(&server).await;
    drop(server);
    let server = serve(&binary, data_dir, &[]);
    sign_ins::guess(&server, "constant", |_| "always the same".to_owned()).await;
    sign_ins::guess(&server, "changing", |number| format!("guess number {number}")).await;
    drop(server);
    backups::measure(&binary).await;
}
