//! That the suite looks at what servers say and at where clients go, and that nothing gets past it.

use crate::support::{Backend, Client, TestServer, log};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

/// Set for the process that is to end.
const LEAK: &str = "WATCHTAPE_TEST_LEAK";
const SIGABRT: i32 = 6;
const KEY: &str = "wt_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

#[actix_web::test]
async fn the_lines_of_a_server_are_looked_at() {
    let server = TestServer::start(Backend::Sqlite).await;
    let before = log::lines();
    server.client().get("/api/v1/market").await.refused(401, "unauthenticated");
    assert!(log::lines() > before, "a request has a line");
}

#[actix_web::test]
async fn a_secret_in_a_line_or_an_address_ends_the_run() {
    match std::env::var(LEAK).as_deref() {
        Err(_) => {}
        Ok("line") => {
            log::watch();
            tracing::debug!(key = KEY, "a line that must not be");
            return;
        }
        Ok("chosen") => {
            let server = TestServer::start(Backend::Sqlite).await;
            let account = server.client().register().await;
            tracing::debug!(request = ?account.password, "a line that must not be");
            return;
        }
        Ok(_) => {
            let nowhere = Client::new(([127, 0, 0, 1], 9).into());
            let _request = nowhere.request(reqwest::Method::GET, &format!("/api/v1/me?key={KEY}"));
            return;
        }
    }
    let name = "secrecy::a_secret_in_a_line_or_an_address_ends_the_run";
    for (leak, secret) in [("line", KEY), ("chosen", "correct horse battery"), ("address", KEY)] {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program).args(["--exact", name]).env(LEAK, leak).output().expect("its end");
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.signal(), Some(SIGABRT), "{leak}: {said}");
        assert!(said.contains("A SECRET IN") && said.contains(secret), "{leak}: {said}");
    }
}
