//! What has expired is forgotten, and nothing else.

use crate::support::{Backend, Database, TestServer, on_both_databases};
use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use watchtape::db::clock_trust::{self, ClockTrust};
use watchtape::db::sweep::{self, Swept};

on_both_databases!(what_has_expired_is_forgotten_and_nothing_else, trust_in_the_clock_is_kept);

async fn trust_in_the_clock_is_kept(backend: Backend) {
    let database = Database::ready(backend).await;
    let mut connection = database.url().connect().expect("a connection");
    assert_eq!(clock_trust::find(&mut connection).expect("a table"), None);
    let at = |text: &str| text.parse().expect("a time");
    for (seen_at, even_since) in
        [("2026-11-27T08:00:00Z", "2026-11-20T00:00:00Z"), ("2030-01-01T00:00:00Z", "2030-01-01T00:00:00Z")]
    {
        let trust = ClockTrust { seen_at: at(seen_at), even_since: at(even_since) };
        clock_trust::keep(&mut connection, trust).expect("a table");
        assert_eq!(clock_trust::find(&mut connection).expect("a table"), Some(trust));
    }
}

async fn what_has_expired_is_forgotten_and_nothing_else(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let me = account.client.get("/api/v1/me").await.expect(200);
    let id = me["id"].as_str().expect("an id");
    let mut connection = server.connect();
    for (name, year) in [("old", 2020), ("new", 2999)] {
        let (session, event) = (watchtape::ids::session(), watchtape::ids::event());
        let rows = format!(
            "INSERT INTO sessions (id, user_id, family_hash, token_hash, rotated_at, created_at, expires_at) VALUES \
             ('{session}', '{id}', '{name}', '{name}', '{year}-01-01 00:00:00', '2020-01-01 00:00:00', '{year}-01-01 00:00:00'); \
             INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) \
             VALUES ('{name}', '{id}', '2020-01-01 00:00:00', '{year}-01-01 00:00:00'); \
             INSERT INTO invitations (token_hash, created_at, expires_at) \
             VALUES ('{name}', '2020-01-01 00:00:00', '{year}-01-01 00:00:00'); \
             INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, status, body, created_at) \
             VALUES ('{id}', '{name}', 'x', 201, '', '{year}-01-01 00:00:00'); \
             INSERT INTO audit_events (id, user_id, at, kind) VALUES ('{event}', '{id}', '{year}-01-01 00:00:00', 'signed_in');"
        );
        connection.batch_execute(&rows).expect("rows");
    }
    let first = Swept { sessions: 1, password_resets: 1, invitations: 1, idempotency_keys: 1, ..Swept::default() };
    assert_eq!(sweep::run(&mut connection, None).expect("a sweep"), first, "without a retention the trail is kept");
    let kept = Some(TimeDelta::days(365));
    assert_eq!(sweep::run(&mut connection, kept).expect("a sweep"), Swept { audit_events: 1, ..Swept::default() });
    assert_eq!(sweep::run(&mut connection, kept).expect("a sweep"), Swept::default());
    account.client.get("/api/v1/me").await.expect(200);
}
