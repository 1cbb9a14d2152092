//! A server whose PostgreSQL is behind pgbouncer, which lends it a session for each transaction, as managed databases do.

use crate::support::guarded::Guarded;
use crate::support::postgres::{Postgres, free_port};
use crate::support::process::{Served, run, said};
use crate::support::{Backend, Client, Database, until};
use diesel::RunQueryDsl;
use diesel::sql_types::Text;
use futures_util::future::join_all;
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;
use watchtape::db::{DatabaseUrl, Db, DbConnection};

/// Sessions that the pooler has for all of a server's connections.
const SESSIONS: u32 = 3;

/// pgbouncer before the tests' PostgreSQL, on a port of its own.
fn start(folder: &Path) -> (Guarded, u16) {
    let port = free_port();
    let settings = format!(
        "[databases]\n* = host=127.0.0.1 port={} user=postgres\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
         default_pool_size = {SESSIONS}\nmax_client_conn = 100\n",
        Postgres::shared().port()
    );
    let file = folder.join("pgbouncer.ini");
    std::fs::write(&file, settings).expect("a file");
    // It does not serve as root, which may run the tests.
    let program = "if [ \"$(id -u)\" = 0 ]; then exec pgbouncer --quiet --user postgres \"$0\"; else exec pgbouncer --quiet \"$0\"; fi";
    let arguments = ["sh", "-c", program, file.to_str().expect("a path")];
    (Guarded::start(&arguments, &folder.join("log"), "INT"), port)
}

#[actix_web::test]
async fn a_session_for_each_transaction_is_enough() {
    let (database, folder) = (Database::empty(Backend::Postgres), TempDir::new().expect("a folder"));
    let (_pooler, port) = start(folder.path());
    until("it listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
    let direct = database.setting();
    let name = direct.rsplit('/').next().expect("a name");
    let url = format!("postgres://postgres@127.0.0.1:{port}/{name}?pooler=transaction");
    let data = folder.path().join("data");
    let data = data.to_str().expect("a path");
    let server = Served::start(&["--database-url", &url, "--data-dir", data, "--sim-interval-ms", "200"]);
    // More at once than there are sessions: each transaction is on whichever is free.
    let lives = (0..12).map(|_| async {
        let account = Client::new(server.address).register().await;
        let list = account.first_list().await;
        for symbols in [&["AAPL", "MSFT"][..], &["NVDA"]] {
            account.add(&list, symbols).await;
        }
        account.client.delete(&format!("{list}/items/MSFT"), None).await.expect(204);
        assert_eq!(account.symbols(&list).await, ["AAPL", "NVDA"]);
        let alert = json!({ "symbol": "AAPL", "condition": { "type": "above", "price": "1000000" } });
        account.client.post("/api/v1/alerts", &alert).await.expect(201);
        account.client.get("/api/v1/me/export").await.expect(200);
    });
    join_all(lives).await;
    assert_eq!(server.logged("\"level\":\"ERROR\""), Vec::<String>::new());
    let doctor = run(&["doctor", "--database-url", &url, "--data-dir", data]);
    let printed = String::from_utf8_lossy(&doctor.stdout).into_owned();
    assert!(printed.lines().any(|line| line.starts_with("ok    database")), "{printed}");
}

#[derive(diesel::QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

#[actix_web::test]
async fn a_transaction_sets_its_own_time_limits_and_leaves_none() {
    let (database, folder) = (Database::ready(Backend::Postgres).await, TempDir::new().expect("a folder"));
    let (_pooler, port) = start(folder.path());
    until("it listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
    let direct = database.setting();
    let name = direct.rsplit('/').next().expect("a name");
    let url = format!("postgres://postgres@127.0.0.1:{port}/{name}?pooler=transaction")
        .parse::<DatabaseUrl>()
        .expect("a URL");
    let opened: DatabaseUrl = url.clone();
    let db = actix_web::web::block(move || Db::open(&opened)).await.expect("no panic").expect("a database");
    fn limits(connection: &mut DbConnection) -> watchtape::db::Result<Vec<String>> {
        let query = "SELECT current_setting(name) AS value FROM unnest(ARRAY['statement_timeout', 'lock_timeout', 'TimeZone']) AS name";
        Ok(diesel::sql_query(query).load::<Setting>(connection)?.into_iter().map(|setting| setting.value).collect())
    }
    for _ in 0..5 {
        assert_eq!(db.write(limits).await.expect("limits"), ["6s", "4s", "UTC"]);
        assert_eq!(db.snapshot(limits).await.expect("limits"), ["6s", "4s", "UTC"]);
        assert_eq!(db.read(limits).await.expect("limits"), ["6s", "4s", "UTC"]);
    }
    // They are not left to whoever is lent the session next.
    let mut other = actix_web::web::block(move || url.connect()).await.expect("no panic").expect("a connection");
    for _ in 0..SESSIONS {
        assert_eq!(limits(&mut other).expect("limits")[..2], ["0", "0"]);
    }
}

#[actix_web::test]
async fn an_unknown_kind_of_pooler_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let url = "postgres://postgres@127.0.0.1:1/watchtape?pooler=statement";
    let output = run(&["serve", "--database-url", url, "--data-dir", data]);
    assert!(said(&output).contains("pooler is session or transaction"), "{}", said(&output));
}
