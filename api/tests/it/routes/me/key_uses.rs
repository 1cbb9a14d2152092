//! When a key was last used.

use crate::support::{Account, Backend, TestServer, on_both_databases, until_some};
use diesel::connection::SimpleConnection;
use serde_json::Value;

on_both_databases!(a_key_says_when_it_was_last_used_and_the_trail_once_a_day);

/// Waits for more notes of a key's use than there were, the newest first: they are written beside the request.
async fn noted(account: &Account, before: usize) -> Vec<Value> {
    let more = async || Some(account.trail_of("key_used").await).filter(|notes| notes.len() > before);
    until_some("another note", more).await
}

/// The days of notes.
fn days(notes: &[Value]) -> Vec<&str> {
    notes.iter().map(|note| &note["at"].as_str().expect("a time")[..10]).collect()
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
    noted(&account, 0).await;
    let used = last_use().await;
    assert!(used.as_str().is_some_and(|at| at.ends_with(":00Z")), "to the minute: {used}");
    let note = &noted(&account, 0).await[0];
    assert_eq!((&note["api_key"], note["address"].as_str()), (&key["id"], Some("127.0.0.1")));

    // Of a use on another day there is another note.
    let notes = account.trail_of("key_used").await;
    server.connect().batch_execute("UPDATE api_keys SET last_used_at = '2001-01-01 12:00:00'").expect("a change");
    program.get("/api/v1/me").await.expect(200);
    let notes_after = noted(&account, notes.len()).await;
    // Midnight may have passed between the calls.
    let mut each_once = days(&notes_after[1..]);
    each_once.dedup();
    assert_eq!(days(&notes_after[1..]), each_once, "one a day, of twenty calls");
    assert!(last_use().await.as_str() >= used.as_str());
}
