//! Upgrades: what people kept under an older schema is there under this one.

use crate::support::{Backend, Client, Database, TestServer, on_both_databases};
use argon2::{Argon2, Params, PasswordHasher};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::path::Path;
use watchtape::ids;

on_both_databases!(what_was_kept_under_an_older_schema_is_there_after_the_upgrade,);

const PASSWORD: &str = "tangerine sleeps";

/// A step of the schema: its number, as diesel keeps it, and its statements.
struct Step {
    version: String,
    sql: String,
}

/// Every step of a database, in the order in which they are made.
fn steps(backend: Backend) -> Vec<Step> {
    let folder = match backend {
        Backend::Sqlite => "sqlite",
        Backend::Postgres => "postgres",
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations").join(folder);
    let mut steps: Vec<Step> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
            let version = name.split('_').next().expect("a number").replace('-', "");
            Step { version, sql: std::fs::read_to_string(path.join("up.sql")).expect("a file") }
        })
        .collect();
    steps.sort_by(|one, other| one.version.cmp(&other.version));
    steps
}

/// A hash of the password, with parameters of an older server. It is in a statement that PostgreSQL's driver logs, where one of
/// the usual length would look like a token.
fn password_hash() -> String {
    let hasher = Argon2::from(Params::new(8, 1, 1, Some(16)).expect("parameters"));
    hasher.hash_password(PASSWORD.as_bytes()).expect("a hash").to_string()
}

/// What an account had under the first schema.
fn kept(hash: &str, list: &str) -> String {
    let (user, at) = (ids::user(), "'2026-03-02 09:30:00.123456'");
    format!(
        "INSERT INTO users (id, email, display_name, password_hash, created_at, updated_at) \
             VALUES ('{user}', 'ada@example.com', 'Ada', '{hash}', {at}, {at});\n\
         INSERT INTO securities (symbol, name, mic, currency, indices, rank) VALUES \
             ('AAPL', 'Apple Inc.', 'XNAS', 'USD', '', 1), ('MSFT', 'Microsoft Corporation', 'XNAS', 'USD', '', 2), \
             ('IBM', 'International Business Machines', 'XNYS', 'USD', '', 3);\n\
         INSERT INTO watchlists (id, user_id, name, position, version, created_at, updated_at) \
             VALUES ('{list}', '{user}', 'Dividends', 0, 7, {at}, {at});\n\
         INSERT INTO watchlist_items (watchlist_id, symbol, position, note, flag, section, added_at) VALUES \
             ('{list}', 'MSFT', 0, 'sell above 500', 'red', 'Software', {at}), \
             ('{list}', 'IBM', 1, NULL, NULL, NULL, {at}), ('{list}', 'AAPL', 2, NULL, NULL, 'Phones', {at});"
    )
}

async fn what_was_kept_under_an_older_schema_is_there_after_the_upgrade(backend: Backend) {
    let (steps, hash) = (steps(backend), password_hash());
    // The first schema, one from the middle, and the one before this.
    for known in [1, steps.len() / 2, steps.len() - 1] {
        let (database, list) = (Database::empty(backend), ids::watchlist());
        {
            let mut connection = database.url().connect().expect("a connection");
            let mut run = |sql: &str| connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
            run("CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                 run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP)");
            for step in &steps[..known] {
                run(&step.sql);
                run(&format!("INSERT INTO __diesel_schema_migrations (version) VALUES ('{}')", step.version));
            }
            run(&kept(&hash, list.as_str()));
        }
        let server = TestServer::start_on(database, &[]).await;
        let login = json!({ "email": "ada@example.com", "password": PASSWORD, "transport": "body" });
        let token = server.client().post("/api/v1/auth/login", &login).await.expect(200)["access_token"].clone();
        let ada = Client { token: token.as_str().map(str::to_owned), ..server.client() };
        let path = format!("/api/v1/watchlists/{list}");
        let found = ada.get(&path).await.expect(200);
        assert_eq!((&found["name"], &found["version"]), (&json!("Dividends"), &json!(7)), "{known} of {}", steps.len());
        let items: Vec<[&Value; 4]> = found["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|item| [&item["symbol"], &item["note"], &item["flag"], &item["section"]])
            .collect();
        let expected = [
            [json!("MSFT"), json!("sell above 500"), json!("red"), json!("Software")],
            [json!("IBM"), Value::Null, Value::Null, Value::Null],
            [json!("AAPL"), Value::Null, Value::Null, json!("Phones")],
        ];
        assert_eq!(items, expected.each_ref().map(|item| item.each_ref()), "{known} of {}", steps.len());
        // It is used on as any other.
        ada.delete(&format!("{path}/items/IBM"), Some("\"7\"")).await.expect(204);
        ada.get("/api/v1/alerts").await.expect(200);
    }
}
