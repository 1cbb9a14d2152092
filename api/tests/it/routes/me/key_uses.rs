//! When a key was last used.

use crate::support::{Account, Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use std::time::{Duration, Instant};

on_both_databases!(a_key_says_when_it_was_last_used_and_the_trail_once_a_day);

const DEADLINE: Duration = Duration::from_secs(20);

/// Waits for this many notes of a key's use: they are written beside the request.
async fn noted(account: &Account, count: usize) {
    let started = Instant::now();
    while account.trail_of("key_used").await.len() != count {
        assert!(started.elapsed() < DEADLINE, "never {count} notes: {:?}", account.trail().await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn a_key_says_when_it_was_last_used_and_the_trail_once_a_day(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let (key, program) = account.make_key(&["read"]).await;
    let last_use =
        async || account.client.get("/api/v1/me/api-keys").await.expect(200)["items"][0]["last_used_at"].clone();
    assert!(last_use().await.is_null());
    let calls = (0..20).map(|_| program.get("/api/v1/me"));
    futures_util::future::join_all(calls).await;
    noted(&account, 1).await;
    let used = last_use().await;
    assert!(used.as_str().is_some_and(|at| at.ends_with(":00Z")), "to the minute: {used}");
    let note = &account.trail_of("key_used").await[0];
    assert_eq!((&note["api_key"], note["address"].as_str()), (&key["id"], Some("127.0.0.1")));

    // Of a use on another day there is another note.
    server.connect().batch_execute("UPDATE api_keys SET last_used_at = '2026-01-01 12:00:00'").expect("a change");
    program.get("/api/v1/me").await.expect(200);
    noted(&account, 2).await;
    assert!(last_use().await.as_str() >= used.as_str());
}
