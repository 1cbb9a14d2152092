//! Failures of our own: their cause is for the operator alone, and what cannot be checked is refused.

use crate::support::process::Served;
use crate::support::{Account, Client};
use diesel::connection::SimpleConnection;
use serde_json::json;
use tempfile::TempDir;
use watchtape::db::DatabaseUrl;

/// A serving process with an account, one table of whose database is taken away.
async fn server_without(table: &str) -> (TempDir, Served, Account) {
    let folder = TempDir::new().expect("a folder");
    let served = Served::start(&["--data-dir", folder.path().to_str().expect("a path")]);
    let account = Client::new(served.address).register().await;
    let mut database = DatabaseUrl::Sqlite(folder.path().join("watchtape.db")).connect().expect("the database");
    database.batch_execute(&format!("ALTER TABLE {table} RENAME TO away")).expect("a table less");
    (folder, served, account)
}

#[actix_web::test]
async fn what_fails_here_tells_its_caller_nothing_of_why() {
    let (_folder, _served, account) = server_without("watchlists").await;
    for answer in [
        account.client.get("/api/v1/watchlists").await,
        account.client.post("/api/v1/watchlists", &json!({ "name": "Another" })).await,
    ] {
        answer.refused(500, "internal");
        for internal in ["watchlists", "table", "SQL", "diesel", "api/src"] {
            assert!(!answer.text.contains(internal), "{internal}: {}", answer.text);
        }
    }
    // The rest goes on.
    account.client.get("/api/v1/me").await.expect(200);
}

#[actix_web::test]
async fn who_cannot_be_looked_up_is_not_let_in() {
    let (_folder, _served, account) = server_without("sessions").await;
    account.client.get("/api/v1/market").await.refused(500, "internal");
    let login = json!({ "email": account.email, "password": account.password });
    let answer = account.client.post("/api/v1/auth/login", &login).await;
    answer.refused(500, "internal");
    assert!(!answer.text.contains("access_token"));
}
