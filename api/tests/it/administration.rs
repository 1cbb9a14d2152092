//! What an operator does to a server that runs well: looks at it, keeps it in order, invites, signs out, changes the secret.

use crate::support::process::{Served, command, printed, run, said};
use crate::support::{Account, Backend, Client, Database, TestServer, on_both_databases, until};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::process::Output;
use tempfile::TempDir;

on_both_databases!(everything_is_counted, maintenance_forgets_what_has_expired);

fn succeeds(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    printed(output)
}

/// The flags by which a command finds a test's database.
fn flags_of(database: &Database) -> [String; 4] {
    let folder = database.folder();
    let data_dir = folder.to_str().expect("a path").to_owned();
    ["--database-url".to_owned(), database.setting(), "--data-dir".to_owned(), data_dir]
}

async fn everything_is_counted(backend: Backend) {
    let database = Database::ready(backend).await;
    let flags = flags_of(&database);
    let flags = flags.each_ref().map(String::as_str);
    let server = TestServer::start_on(database, &[]).await;
    let account = server.client().register().await;
    server.client().begin_as_guest().await;
    account.make_key(&["read"]).await;
    account.add(&account.first_list().await, &["AAPL", "KO"]).await;
    let counted: Value =
        serde_json::from_str(&succeeds(&run(&[&["stats", "--json"], &flags[..]].concat()))).expect("JSON");
    assert!(counted["database_bytes"].as_u64().is_some_and(|bytes| bytes > 500_000), "{counted}");
    let expected = json!({
        "accounts": 1, "disabled_accounts": 0, "guests": 1, "watchlists": 2, "items": 12, "alerts": 0, "api_keys": 1, "sessions": 2,
        "database_bytes": counted["database_bytes"],
    });
    assert_eq!(counted, expected);
    let table = succeeds(&run(&[&["stats"], &flags[..]].concat()));
    assert!(table.lines().any(|line| line.split_whitespace().eq(["API", "keys", "1"])), "{table}");
}

async fn maintenance_forgets_what_has_expired(backend: Backend) {
    let database = Database::ready(backend).await;
    let flags = flags_of(&database);
    let flags = flags.each_ref().map(String::as_str);
    let maintain = |more: &[&str]| succeeds(&run(&[&["maintenance"], &flags[..], more].concat()));
    let server = TestServer::start_on(database, &[]).await;
    let account = server.client().register().await;
    let old = "INSERT INTO invitations (token_hash, created_at, expires_at) \
               VALUES ('old', '2020-01-01 00:00:00', '2020-01-08 00:00:00')";
    server.connect().batch_execute(old).expect("a row");
    let told = maintain(&[]);
    assert!(told.contains("prune:   1 rows deleted, and 0 minute bars"), "{told}");
    assert!(told.contains("analyze: done"), "{told}");
    // The server of this test has its claim.
    let waits = backend == Backend::Sqlite;
    assert_eq!(told.contains("vacuum:  not done, as a server runs"), waits, "{told}");
    assert!(maintain(&["--vacuum"]).contains("vacuum:  done"));
    account.client.get("/api/v1/watchlists").await.expect(200);

    // A clock that has been wrong deletes nothing.
    server.connect().batch_execute("UPDATE clock_trust SET seen_at = '2020-01-01 00:00:00'").expect("a clock");
    server.connect().batch_execute(old).expect("a row");
    assert!(maintain(&[]).contains("prune:   not done, as the clock"));
}

#[actix_web::test]
async fn a_healthcheck_tells_a_server_that_lives_from_one_that_does_not() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let ask = |listen: &str| run(&["healthcheck", "--listen", listen]);
    let mut served = Served::start(&data_dir);
    let address = served.address.to_string();
    assert_eq!(ask(&address).status.code(), Some(0));
    // On every address it is on this machine's own.
    assert_eq!(ask(&format!("0.0.0.0:{}", served.address.port())).status.code(), Some(0));
    served.terminate();
    let refused = ask(&address);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains(&format!("http://{address}/livez")), "{}", said(&refused));
    // Connected to, and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    assert_eq!(ask(&silent.local_addr().expect("bound").to_string()).status.code(), Some(1));
}

#[test]
fn help_lists_the_settings_by_groups_and_so_does_the_manual_page() {
    let help = succeeds(&run(&["--help"]));
    let places: Vec<usize> = ["\nServer:\n", "\nDatabase and Redis:\n", "\nAccounts:\n", "\nLogs:\n"]
        .iter()
        .map(|heading| help.find(heading).unwrap_or_else(|| panic!("{heading}: {help}")))
        .collect();
    assert!(help[places[1]..].contains("--database-pool") && !help.contains("Other settings"), "{help}");
    let page = succeeds(&run(&["man"]));
    assert!(page.starts_with(".ie") && page.contains("database\\-url\\-file"), "{page}");
    let folder = TempDir::new().expect("a folder");
    succeeds(&run(&["man", "--into", folder.path().to_str().expect("a path")]));
    for page in ["watchtape.1", "watchtape-backup.1", "watchtape-user-invite.1"] {
        assert!(folder.path().join(page).exists(), "{page}");
    }
    for shell in ["bash", "zsh", "fish"] {
        let script = succeeds(&run(&["completions", shell]));
        assert!(script.contains("healthcheck") && script.contains("database-url-file"), "{shell}");
    }
}

#[actix_web::test]
async fn sessions_are_listed_and_what_is_revoked_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let served = Served::start(&data_dir);
    let user = |arguments: &[&str]| run(&[&["user"], arguments, &data_dir].concat());
    let account = Client::new(served.address).register().await;
    let (email, _phone) = (account.email.as_str(), account.another_device().await);
    let (_, by_key) = account.make_key(&["read"]).await;
    let listed = succeeds(&user(&["sessions", email]));
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.lines().all(|line| line.contains("\t127.0.0.1\t")), "{listed}");

    assert_eq!(succeeds(&user(&["revoke", email, "--sessions"])), "2 sessions ended\n");
    assert_eq!(succeeds(&user(&["sessions", email])), "");
    account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    by_key.get("/api/v1/watchlists").await.expect(200);
    assert_eq!(succeeds(&user(&["revoke", email])), "0 sessions ended, 1 API keys revoked\n");
    by_key.get("/api/v1/watchlists").await.refused(401, "unauthenticated");
    let again = account.another_device().await;
    assert_eq!(
        (again.trail_of("signed_out_everywhere").await.len(), again.trail_of("key_revoked").await.len()),
        (2, 1)
    );
    assert!(said(&user(&["revoke", "nobody@example.com"])).contains("no such account"));
}

#[actix_web::test]
async fn an_invitation_is_a_link_that_opens_one_account() {
    let folder = TempDir::new().expect("a folder");
    let settings = ["--data-dir", folder.path().to_str().expect("a path"), "--registration", "invite"];
    let served = Served::start(&settings);
    let client = Client::new(served.address);
    let invite = |email: &[&str]| {
        let origin = ["--public-origin", "https://watch.example.com"];
        run(&[&["user", "invite"], email, &settings, &origin].concat())
    };
    let link = succeeds(&invite(&["ada@example.com"]));
    let token = link.trim().strip_prefix("https://watch.example.com/register#").expect("a link").to_owned();
    let ada = json!({ "email": "ada@example.com", "password": "correct horse battery", "invitation": token });
    client.post("/api/v1/auth/register", &ada).await.expect(201);
    client.post("/api/v1/auth/register", &ada).await.refused(403, "invitation_invalid");
    assert!(said(&invite(&["ada@example.com"])).contains("taken"));
    succeeds(&invite(&[]));
}

#[actix_web::test]
async fn a_secret_is_changed_while_everybody_stays_signed_in() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let rotate = |step: &[&str]| run(&[&["secret", "rotate"], step, &data_dir].concat());
    let secret = || std::fs::read_to_string(folder.path().join("secret")).expect("a file");
    let mut served = Served::start(&data_dir);
    let account = Client::new(served.address).register().await;
    let first = secret();

    succeeds(&rotate(&[]));
    assert_ne!(secret(), first);
    assert!(said(&rotate(&[])).contains("--finish"), "one change at a time");
    served.terminate();
    served = Served::start(&data_dir);
    let of_old = Client { address: served.address, ..account.client.clone() };
    of_old.get("/api/v1/me").await.expect(200);
    let refresh = json!({ "refresh_token": account.refresh_token });
    let renewed = Client::new(served.address).post("/api/v1/auth/refresh", &refresh).await.expect(200);
    let of_new = Client { token: renewed["access_token"].as_str().map(str::to_owned), ..of_old.clone() };

    succeeds(&rotate(&["--finish"]));
    served.terminate();
    let served = Served::start(&data_dir);
    let at = |client: &Client| Client { address: served.address, ..client.clone() };
    at(&of_new).get("/api/v1/me").await.expect(200);
    at(&of_old).get("/api/v1/me").await.refused(401, "unauthenticated");
    assert!(!rotate(&["--finish"]).status.success(), "there is nothing to finish");

    // Step by step, for many nodes.
    let before = secret();
    succeeds(&rotate(&["--prepare"]));
    let prepared = std::fs::read_to_string(folder.path().join("secret.other")).expect("a file");
    assert_eq!(secret(), before);
    succeeds(&rotate(&["--swap"]));
    assert_eq!(
        (secret(), std::fs::read_to_string(folder.path().join("secret.other")).expect("a file")),
        (prepared, before)
    );

    let mut by_variable = command(&["secret", "rotate", data_dir[0], data_dir[1]]);
    let by_variable = by_variable.env("WATCHTAPE_SECRET", "a secret that is long enough for a server").output();
    assert!(said(&by_variable.expect("the binary")).contains("WATCHTAPE_SECRET"));
}

#[actix_web::test]
async fn a_pool_that_comes_near_to_what_postgresql_grants_is_told() {
    let database = Database::ready(Backend::Postgres).await;
    let flags = flags_of(&database);
    let flags = flags.each_ref().map(String::as_str);
    let doctor = |pool: &str| printed(&run(&[&["doctor", "--database-pool", pool], &flags[..]].concat()));
    let (fits, near) = (doctor("12"), doctor("490"));
    assert!(fits.contains("ok    connections: 497 are granted by PostgreSQL"), "{fits}");
    assert!(near.contains("wrong connections: 1 nodes with WATCHTAPE_DATABASE_POOL=490 may open 491"), "{near}");
    let served = Served::start(&[&["--database-pool", "490"], &flags[..]].concat());
    until("a warning", async || !served.logged("WATCHTAPE_DATABASE_POOL=490").is_empty()).await;
}

/// So few connections answer everybody, one after the other.
#[actix_web::test]
async fn the_smallest_pool_serves() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let server = TestServer::start_with(backend, &["--database-pool", "2"]).await;
        let account: Account = server.client().register().await;
        let reads = (0..16).map(|_| account.client.get("/api/v1/watchlists"));
        for answer in futures_util::future::join_all(reads).await {
            answer.expect(200);
        }
    }
}
