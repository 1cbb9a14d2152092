//! The log: what is on a request's line, what is quiet, where lines go, and what it costs when nobody reads them.

use crate::support::process::{Running, command, read_address, run, said};
use crate::support::{Client, until, within};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::ChildStderr;
use tempfile::TempDir;

/// A serving process whose log is a file, killed when dropped.
struct Logging {
    _process: Running,
    file: PathBuf,
    folder: TempDir,
}

impl Logging {
    fn start(flags: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = folder.path().join("watchtape.log");
        let usual = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder.path().to_str().expect("a path")];
        let log = ["--log-file", file.to_str().expect("a path"), "--drain-seconds", "0"];
        let process = Running::start(command(&[&usual[..], &log, flags].concat()));
        Self { _process: process, file, folder }
    }

    fn text(&self) -> String {
        std::fs::read_to_string(&self.file).unwrap_or_default()
    }

    fn lines(&self) -> Vec<Value> {
        self.text().lines().filter_map(|line| serde_json::from_str(line).ok()).collect()
    }

    /// Those that end a request to this path.
    fn answered(&self, path: &str) -> Vec<Value> {
        let lines = self.lines().into_iter();
        lines.filter(|line| line["message"] == "answered" && line["span"]["path"] == path).collect()
    }

    async fn client(&self) -> Client {
        let mut address = None;
        until("the server listens", async || {
            address = self.lines().into_iter().find(|line| line["message"] == "listening");
            address.is_some()
        })
        .await;
        Client::new(address.expect("found")["address"].as_str().expect("an address").parse().expect("an address"))
    }
}

#[actix_web::test]
async fn a_requests_line_has_its_duration_size_and_route() {
    let server = Logging::start(&[]);
    let client = server.client().await;
    let path = client.register().await.first_list().await;
    client.get(&format!("{path}?secret=of+mine")).await.expect(401);
    until("the line is written", async || !server.answered(&path).is_empty()).await;
    let line = server.answered(&path).remove(0);
    assert_eq!((line["level"].as_str(), line["route"].as_str()), (Some("INFO"), Some("/api/v1/watchlists/{id}")));
    assert!(line["duration_ms"].as_f64() > Some(0.0) && line["bytes"].as_u64() > Some(50), "{line}");
    assert_eq!((&line["span"]["status"], &line["span"]["code"]), (&Value::from(401), &Value::from("unauthenticated")));
    assert!(!server.text().contains("of+mine"));
}

#[actix_web::test]
async fn probes_are_quiet_and_ordinary_requests_are_sampled() {
    let server = Logging::start(&["--log-sample", "5"]);
    let client = server.client().await;
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(client.get(path).await.status.as_u16(), 200);
    }
    let ada = client.register().await.client;
    for _ in 0..10 {
        ada.get("/api/v1/market").await.expect(200);
        client.get("/api/v1/me").await.expect(401);
    }
    // Refusals are all logged: when the last is, all are.
    until("the refusals are logged", async || server.answered("/api/v1/me").len() == 10).await;
    let sampled = server.answered("/api/v1/market");
    assert!(!sampled.is_empty() && sampled.len() <= 3, "{} of 10", sampled.len());
    assert!(sampled.iter().all(|line| line["one_in"] == 5), "{sampled:?}");
    for path in ["/livez", "/readyz", "/metrics"] {
        assert_eq!(server.answered(path), Vec::<Value>::new());
    }
}

/// Whoever gives up before there is an answer is seen too: it is often the server that was slow.
#[actix_web::test]
async fn a_client_that_leaves_before_its_answer_is_logged_and_counted() {
    let server = Logging::start(&["--anon-per-minute", "1"]);
    let client = server.client().await;
    client.get("/api/v1/me").await.expect(401);
    // Whoever goes on although it is refused waits a second for each refusal.
    for _ in 0..21 {
        client.get("/api/v1/me").await.refused(429, "too_many_requests");
    }
    until("a client has left meanwhile", async || {
        let mut socket = tokio::net::TcpStream::connect(client.address).await.expect("a connection");
        let head = "GET /api/v1/market HTTP/1.1\r\nHost: localhost\r\n\r\n";
        tokio::io::AsyncWriteExt::write_all(&mut socket, head.as_bytes()).await.expect("sent");
        // Mostly the server has begun by then.
        client.get("/livez").await;
        // As of a process that was killed: whoever only says that it sends no more may still read.
        socket2::SockRef::from(&socket).set_linger(Some(std::time::Duration::ZERO)).expect("a socket");
        drop(socket);
        let left = |line: &Value| line["message"] == "its client has left" && line["route"] == "/api/v1/market";
        server.lines().iter().any(left)
    })
    .await;
    let counted = r#"watchtape_http_request_duration_seconds_count{route="/api/v1/market",method="GET",status="none"}"#;
    assert!(client.get("/metrics").await.text.contains(counted));
}

#[actix_web::test]
async fn a_file_that_was_moved_away_is_begun_anew() {
    let server = Logging::start(&[]);
    let client = server.client().await;
    let moved = server.folder.path().join("watchtape.log.1");
    std::fs::rename(&server.file, &moved).expect("moved");
    until("a new file has lines", async || {
        client.get("/api/v1/me").await.expect(401);
        !server.answered("/api/v1/me").is_empty()
    })
    .await;
    assert!(std::fs::read_to_string(moved).expect("the old file").contains("listening"));
}

#[actix_web::test]
async fn a_file_that_cannot_be_opened_stops_the_start() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let refused =
        run(&["serve", "--data-dir", data_dir, "--listen", "127.0.0.1:0", "--log-file", "/no/such/folder/log"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = said(&refused);
    assert!(said.starts_with("watchtape: WATCHTAPE_LOG_FILE /no/such/folder/log: "), "{said}");
}

#[actix_web::test]
async fn the_journal_reads_the_priority_of_each_line() {
    let server = Logging::start(&["--log-format", "journald"]);
    until("the server listens", async || server.text().contains("listening")).await;
    let text = server.text();
    assert!(text.lines().all(|line| line.starts_with("<6>") || line.starts_with("<4>")), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    let warned = text.lines().find(|line| line.starts_with("<4>")).expect("the app is not in the binary");
    assert!(warned.contains("WATCHTAPE_WEB_DIR"), "{warned}");
}

/// A server that has said where it listens, and the rest of its log.
fn with_log_in_a_pipe(folder: &TempDir, level: &str) -> (Running, BufReader<ChildStderr>, Client) {
    let usual = ["serve", "--listen", "127.0.0.1:0", "--drain-seconds", "0", "--anon-per-minute", "0"];
    let own = ["--data-dir", folder.path().to_str().expect("a path"), "--log", level];
    let mut server = Running::start(command(&[&usual[..], &own].concat()));
    let mut log = server.take_log();
    let address = read_address(&mut log);
    (server, log, Client::new(address))
}

/// Whoever reads the log may leave: nothing else depends on it.
#[actix_web::test]
async fn a_server_whose_log_nobody_reads_serves_and_stops() {
    let folder = TempDir::new().expect("a folder");
    let (mut server, log, client) = with_log_in_a_pipe(&folder, "debug");
    drop(log);
    let ada = client.register().await.client;
    for _ in 0..20 {
        ada.get("/api/v1/market").await.expect(200);
    }
    until("the lost lines are counted", async || {
        let metrics = client.get("/metrics").await.text;
        let mut counts = metrics.lines().filter_map(|line| line.strip_prefix("watchtape_log_lines_dropped_total "));
        counts.any(|count| count != "0")
    })
    .await;
    server.terminate();
}

/// A reader that has stopped, with its pipe full, holds up nobody.
#[actix_web::test]
async fn a_log_that_is_not_read_holds_up_no_request() {
    let folder = TempDir::new().expect("a folder");
    let (_server, _log, client) = with_log_in_a_pipe(&folder, "trace");
    // Many times what a pipe holds.
    for _ in 0..3_000 {
        within(client.get("/api/v1/me")).await.expect(401);
    }
}

/// docs/logging.md lists the events that the server's source has, each with its level, and no other.
#[test]
fn the_document_lists_every_event() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut written = BTreeSet::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).expect("a file");
                let source = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
                written.extend(events_of(source));
            }
        }
    }
    assert!(written.len() > 80, "{}", written.len());
    let document = std::fs::read_to_string(root.join("../docs/logging.md")).expect("the document");
    let listed: BTreeSet<(String, String)> = document
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| ")?.split(" | ");
            let (level, event) = (cells.next()?, cells.next()?);
            ["error", "warn", "info", "debug"].contains(&level).then(|| (level.to_owned(), event.trim().to_owned()))
        })
        .collect();
    assert_eq!(listed, written);
}

/// The level and message of each event in a source.
fn events_of(source: &str) -> Vec<(String, String)> {
    let mut events = Vec::new();
    for level in ["error", "warn", "info", "debug"] {
        for (at, call) in source.match_indices(&format!("tracing::{level}!(")) {
            let texts = texts_of(&source[at + call.len()..]);
            events.extend(texts.last().map(|text| (level.to_owned(), text.clone())));
        }
    }
    events
}

/// The string literals of a call's arguments, up to its closing parenthesis.
fn texts_of(arguments: &str) -> Vec<String> {
    let (mut texts, mut open, mut characters) = (Vec::new(), 1, arguments.chars());
    while let Some(character) = characters.next() {
        match character {
            '(' => open += 1,
            ')' => open -= 1,
            '"' => {
                let mut text = String::new();
                while let Some(character) = characters.next().filter(|character| *character != '"') {
                    if character != '\\' {
                        text.push(character);
                    } else if characters.next() == Some('\n') {
                        // A line that goes on, without what it is indented by.
                        let rest = characters.as_str().trim_start();
                        characters = rest.chars();
                    }
                }
                texts.push(text);
            }
            _ => {}
        }
        if open == 0 {
            break;
        }
    }
    texts
}

#[test]
fn events_are_found_in_a_source() {
    let source =
        "tracing::warn!(%error, n = f(\"x\"), \"it is \\\n        late\"); tracing::info!(target: \"t\", \"ok\")";
    let expected = [("warn", "it is late"), ("info", "ok")].map(|(level, text)| (level.to_owned(), text.to_owned()));
    assert_eq!(events_of(source), expected);
}
