//! A request has one name, from the caller's log to ours.

use crate::support::process::command;
use crate::support::{Backend, TestServer};
use reqwest::Method;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use tempfile::TempDir;

#[actix_web::test]
async fn a_callers_name_is_taken_over_where_it_may_be_one() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    let longest = "x".repeat(64);
    for name in ["a", "01J8-shop.order_7", longest.as_str()] {
        for path in ["/livez", "/api/v1/me", "/nothing"] {
            let answer = client.send(client.request(Method::GET, path).header("X-Request-Id", name)).await;
            assert_eq!(answer.header("x-request-id"), name, "{path}");
            if answer.status.is_client_error() {
                assert_eq!(answer.json()["request_id"], name, "{path}");
            }
        }
    }
    let longer = "x".repeat(65);
    for name in ["", "two words", "a\"b", "a=b", "caf\u{e9}", longer.as_str()] {
        let answer = client.send(client.request(Method::GET, "/api/v1/me").header("X-Request-Id", name)).await;
        let made = answer.header("x-request-id");
        assert!(made != name && made.len() == 36, "{name:?} became {made:?}");
        assert_eq!(answer.json()["request_id"], made);
    }
    let names =
        [client.get("/livez").await, client.get("/livez").await].map(|answer| answer.header("x-request-id").to_owned());
    assert_ne!(names[0], names[1]);
}

#[actix_web::test]
async fn every_line_of_a_request_has_its_name() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let mut child = command(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data_dir])
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().expect("a line").expect("text")).expect("JSON") };
    let address = loop {
        let line = next();
        if line["message"] == "listening" {
            break line["address"].as_str().expect("an address").to_owned();
        }
    };
    let body = serde_json::json!({ "email": "ada@example.com", "password": "plover quartz lantern 47" });
    watchtape::tls::install();
    let call = reqwest::Client::builder().no_proxy().build().expect("a client");
    let call = call.post(format!("http://{address}/api/v1/auth/register")).header("X-Request-Id", "shop-7").json(&body);
    assert_eq!(call.send().await.expect("an answer").status().as_u16(), 201);
    let mut said = Vec::new();
    while !said.iter().any(|line: &Value| line["message"] == "answered") {
        said.push(next());
    }
    child.kill().expect("a running process");
    child.wait().expect("its end");
    for message in ["audit", "answered"] {
        let line = said.iter().find(|line| line["message"] == message).unwrap_or_else(|| panic!("{message}: {said:?}"));
        assert_eq!(line["span"]["request_id"], "shop-7", "{line}");
        assert_eq!(line["span"]["address"], "127.0.0.1", "{line}");
    }
}
