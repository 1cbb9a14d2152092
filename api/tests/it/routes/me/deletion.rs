//! `DELETE /me`.

use crate::support::socket::Socket;
use crate::support::{Account, Answer, Backend, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{QueryableByName, RunQueryDsl, sql_query};
use reqwest::Method;
use serde_json::json;
use watchtape::db::DbConnection;

on_both_databases!(an_account_is_deleted_with_all_that_is_its_own);

/// Every table with a row of an account's own.
const OWNED: [&str; 8] = [
    "api_keys",
    "audit_events",
    "idempotency_keys",
    "password_resets",
    "sessions",
    "users",
    "watchlist_items",
    "watchlists",
];

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// The names that a query gives.
fn names(connection: &mut DbConnection, query: &str) -> Vec<String> {
    let names: Vec<Name> = match connection {
        DbConnection::Sqlite(sqlite) => sql_query(query).load(sqlite).expect("names"),
        DbConnection::Postgres(postgres) => sql_query(query).load(postgres).expect("names"),
    };
    names.into_iter().map(|name| name.name).collect()
}

/// The tables with a row that has one of these texts in any column.
fn tables_with(connection: &mut DbConnection, texts: &[&str]) -> Vec<String> {
    let tables = match connection {
        DbConnection::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
        DbConnection::Postgres(_) => {
            "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
        }
    };
    let mut found = names(connection, tables);
    found.retain(|table| {
        let row = match connection {
            DbConnection::Sqlite(_) => {
                let columns = names(connection, &format!("SELECT name FROM pragma_table_info('{table}')"));
                columns.iter().map(|column| format!("coalesce({column}, '')")).collect::<Vec<_>>().join(" || '|' || ")
            }
            DbConnection::Postgres(_) => format!("{table}::text"),
        };
        let holds = texts.iter().map(|text| format!("({row}) LIKE '%{text}%'")).collect::<Vec<_>>().join(" OR ");
        let query = sql_query(format!("SELECT count(*) AS count FROM {table} WHERE {holds}"));
        let count: Count = match connection {
            DbConnection::Sqlite(sqlite) => query.get_result(sqlite).expect("a count"),
            DbConnection::Postgres(postgres) => query.get_result(postgres).expect("a count"),
        };
        count.count > 0
    });
    found
}

async fn delete(account: &Account, password: &str) -> Answer {
    let request = account.client.request(Method::DELETE, "/api/v1/me").json(&json!({ "password": password }));
    account.client.send(request).await
}

async fn an_account_is_deleted_with_all_that_is_its_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (account, other) = (server.client().register().await, server.client().register().await);
    let there = account.another_device().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    other.add(&other.first_list().await, &["AAPL"]).await;
    let (_, program) = account.make_key(&["read"]).await;
    account.client.patch("/api/v1/me", &json!({ "display_name": "Ada" }), None).await.expect(200);
    let me = account.client.get("/api/v1/me").await.expect(200);
    let id = me["id"].as_str().expect("an id");
    let rest = format!(
        "INSERT INTO password_resets (token_hash, user_id, created_at, expires_at) \
         VALUES ('x', '{id}', '2026-01-01 00:00:00', '2999-01-01 00:00:00'); \
         INSERT INTO idempotency_keys (user_id, idempotency_key, request_hash, status, body, created_at) \
         VALUES ('{id}', 'x', 'x', 201, '', '2999-01-01 00:00:00');"
    );
    let mut connection = server.connect();
    connection.batch_execute(&rest).expect("rows");
    let its_own = [id, &account.email, list.rsplit('/').next().expect("an id")];
    assert_eq!(tables_with(&mut connection, &its_own), OWNED);

    let wrong = delete(&account, "not the password").await;
    assert_eq!(wrong.refused(403, "wrong_password")["errors"][0]["pointer"], "/password");
    let mut sockets = [Socket::open(&account.client).await, Socket::open(&program).await];
    let gone = delete(&account, &account.password).await;
    gone.expect(204);
    assert!(gone.header("set-cookie").contains("Max-Age=0"), "{gone:?}");
    assert!(tables_with(&mut connection, &its_own).is_empty());
    for client in [&account.client, &there.client, &program] {
        client.get("/api/v1/me").await.refused(401, "unauthenticated");
    }
    for socket in &mut sockets {
        assert_eq!(socket.closed().await, 4409);
    }
    assert_eq!(other.symbols(&other.first_list().await).await, ["AAPL"]);
    let again = json!({ "email": account.email, "password": account.password });
    server.client().post("/api/v1/auth/register", &again).await.expect(201);
}
