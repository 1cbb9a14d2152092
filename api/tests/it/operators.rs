//! What operators get wrong, and what they are told: by the commands, at the start, and by a running server.

use crate::support::postgres::free_port;
use crate::support::process::{Running, Served, command, printed, run, said};
use crate::support::redis::Redis;
use crate::support::{Backend, Client, Database, TestServer, until};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use serde_json::json;
use std::io::BufRead;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A serving process with its log, killed when dropped.
struct Logged {
    process: Running,
    lines: Arc<Mutex<Vec<String>>>,
}

impl Logged {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let mut command = command(&[&["serve", "--listen", "127.0.0.1:0"], arguments].concat());
        command.envs(environment.iter().copied());
        Self::spawn(command)
    }

    fn spawn(command: Command) -> Self {
        let mut process = Running::start(command);
        let (log, lines) = (process.take_log(), Arc::<Mutex<Vec<String>>>::default());
        let kept = lines.clone();
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok) {
                kept.lock().expect("no panic").push(line);
            }
        });
        Self { process, lines }
    }

    /// Waits for a line with all of these texts.
    async fn says(&self, texts: &[&str]) -> String {
        let mut found = None;
        until(&format!("a line with {texts:?}"), async || {
            let lines = self.lines.lock().expect("no panic");
            found = lines.iter().find(|line| texts.iter().all(|text| line.contains(text))).cloned();
            found.is_some()
        })
        .await;
        found.expect("found")
    }
}

#[actix_web::test]
async fn accounts_are_listed_disabled_enabled_and_deleted() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let served = Served::start(&data_dir);
    let client = Client::new(served.address);
    let register = json!({ "email": "ada@example.com", "password": "tangerine sleeps", "transport": "body" });
    let token = client.post("/api/v1/auth/register", &register).await.expect(201)["access_token"].clone();
    let ada = Client { token: token.as_str().map(str::to_owned), ..client.clone() };
    let user = |arguments: &[&str]| run(&[&["user"], arguments, &data_dir].concat());

    assert!(printed(&user(&["list"])).starts_with("ada@example.com\t"));
    assert!(user(&["disable", "ada@example.com"]).status.success());
    assert!(printed(&user(&["list"])).contains("\tdisabled "));
    let refused = user(&["reset-link", "ada@example.com"]);
    assert!(said(&refused).contains("watchtape user enable ada@example.com"), "{}", said(&refused));
    client.post("/api/v1/auth/login", &register).await.refused(401, "wrong_credentials");
    assert!(user(&["enable", "ada@example.com"]).status.success());
    assert!(printed(&user(&["list"])).trim().ends_with("\tactive"));
    client.post("/api/v1/auth/login", &register).await.expect(200);
    ada.get("/api/v1/me").await.refused(401, "unauthenticated");

    assert!(user(&["delete", "ada@example.com"]).status.success());
    assert_eq!(printed(&user(&["list"])), "");
    for command in ["enable", "disable", "delete", "reset-link"] {
        assert!(said(&user(&[command, "ada@example.com"])).contains("no such account"), "{command}");
    }
}

#[test]
fn a_command_that_is_none_is_told_where_help_is() {
    assert!(run(&["help"]).status.success());
    let version = printed(&run(&["version"]));
    assert!(version.starts_with(&format!("watchtape {}", env!("CARGO_PKG_VERSION"))), "{version}");
    for wrong in [&["serv"][..], &["--frobnicate"], &["user", "ban"]] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).contains("see watchtape --help"), "{wrong:?}: {}", said(&output));
    }
}

#[actix_web::test]
async fn an_empty_variable_is_unset() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let empty = [
        "WATCHTAPE_DATABASE_URL",
        "WATCHTAPE_REDIS_URL",
        "WATCHTAPE_PUBLIC_ORIGIN",
        "WATCHTAPE_SECRET",
        "WATCHTAPE_SMTP_URL",
        "WATCHTAPE_WORKERS",
        "WATCHTAPE_LOG",
    ];
    let mut environment: Vec<(&str, &str)> = empty.iter().map(|name| (*name, "")).collect();
    environment.push(("WATCHTAPE_DATA_DIR", data_dir));
    let server = Logged::start(&[], &environment);
    server.says(&["listening"]).await;
    assert!(!server.lines.lock().expect("no panic").iter().any(|line| line.contains("WATCHTAPE_SECRET")));
    // Whatever a server keeps is its owner's alone.
    for entry in std::fs::read_dir(&folder).expect("a folder") {
        let entry = entry.expect("a file");
        assert_eq!(entry.metadata().expect("a mode").permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

#[test]
fn nothing_is_kept_where_nothing_is_needed_and_what_is_kept_is_private() {
    // The database is elsewhere, and so is the secret: the folder, which cannot be made, is not asked for.
    let secret = "a secret that is long enough for a server";
    let database = "postgres://nobody:hunter2@127.0.0.1:1/none?connect_timeout=1";
    let output =
        run(&["serve", "--log", "off", "--data-dir", "/proc/x", "--secret", secret, "--database-url", database]);
    assert!(said(&output).contains("WATCHTAPE_DATABASE_URL"), "{}", said(&output));
    assert!(!said(&output).contains("hunter2"));

    let folder = TempDir::new().expect("a folder");
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).expect("a mode");
    assert!(run(&["migrate", "--data-dir", folder.path().to_str().expect("a path")]).status.success());
    let mode = std::fs::metadata(folder.path().join("watchtape.db")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn the_doctor_finds_what_the_server_would_refuse() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let empty = TempDir::new().expect("a folder");
    for web_dir in ["/no/such/folder", empty.path().to_str().expect("a path")] {
        let arguments = ["--data-dir", data_dir, "--web-dir", web_dir];
        let doctor = run(&[&["doctor"], &arguments[..]].concat());
        assert!(printed(&doctor).contains("wrong app: WATCHTAPE_WEB_DIR"), "{}", printed(&doctor));
        let serve = run(&[&["serve", "--log", "off", "--listen", "127.0.0.1:0"], &arguments[..]].concat());
        assert!(said(&serve).contains("WATCHTAPE_WEB_DIR"), "{}", said(&serve));
    }
    let no_bars = empty.path().join("bars.csv");
    std::fs::write(&no_bars, "root:x:0:0\n").expect("a file");
    let replay = format!("replay:{}", no_bars.display());
    for (flag, value, told) in [
        ("--feed", replay.as_str(), "wrong feed: WATCHTAPE_FEED"),
        ("--listen", "192.0.2.1:9", "wrong address: WATCHTAPE_LISTEN"),
    ] {
        let origin = ["--public-origin", "https://watch.example.com", "--data-dir", data_dir, flag, value];
        let doctor = run(&[&["doctor"], &origin[..]].concat());
        assert!(printed(&doctor).contains(told), "{}", printed(&doctor));
    }
    let mut misspelt = command(&["doctor", "--data-dir", data_dir]);
    let doctor = misspelt.env("WATCHTAPE_REDIS", "redis://127.0.0.1").output().expect("the binary");
    assert!(
        printed(&doctor).contains("wrong settings: there is no such setting: WATCHTAPE_REDIS"),
        "{}",
        printed(&doctor)
    );
}

/// No driver's text tells a password, however the URL is misspelt.
#[test]
fn a_misspelt_url_does_not_tell_its_password() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    for url in [
        "postgres://u:hunter%zzsecret@127.0.0.1:1/x",
        "postgres://u:hunter@2secret@127.0.0.1:1/x",
        "postgres://u:hunt/er2secret@127.0.0.1:1/x",
        "postgres://u:4711/secret@127.0.0.1:1/x",
        "postgres://u:4711?secret@127.0.0.1:1/x",
        "postgres://u:4711#secret@127.0.0.1:1/x",
        "postgres://u@127.0.0.1:1/x?password=hunter%zzsecret",
        "postgres://u@127.0.0.1:1/x?password=a@hunter2secret",
    ] {
        let text = said(&run(&["migrate", "--data-dir", data_dir, "--database-url", url]));
        assert!(text.contains("WATCHTAPE_DATABASE_URL"), "{text}");
        assert!(!text.contains("secret") && !text.contains("hunt") && !text.contains("4711"), "{url}: {text}");
    }
}

/// The limit of open files is raised as far as the system lets it, from what shells and service managers start with.
#[actix_web::test]
async fn the_limit_of_open_files_is_raised() {
    let folder = TempDir::new().expect("a folder");
    let program = command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -Sn 128; ulimit -Hn 4096; exec \"$0\" serve --listen 127.0.0.1:0 --data-dir \"$1\""]);
    shell.arg(program.get_program()).arg(folder.path());
    let server = Logged::spawn(shell);
    server.says(&["limit of open files", "4096"]).await;
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", server.process.id())).expect("a process");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("a limit");
    assert_eq!(line.split_whitespace().nth(3), Some("4096"));
}

/// Whatever the log is filtered by, the line of a failure has the id that the answer tells.
#[actix_web::test]
async fn a_failure_is_logged_under_its_request_id_at_every_level() {
    for level in ["warn", "error", "watchtape=error"] {
        let (database, folder) = (Database::ready(Backend::Sqlite).await, TempDir::new().expect("a folder"));
        let url = database.setting();
        let data_dir = folder.path().to_str().expect("a path");
        let port = free_port();
        let listen = format!("127.0.0.1:{port}");
        let mut command = command(&["serve", "--listen", &listen, "--data-dir", data_dir, "--database-url", &url]);
        command.args(["--log", level]);
        let server = Logged::spawn(command);
        let client = Client::new(listen.parse().expect("an address"));
        until("it answers", async || {
            reqwest::get(format!("http://{listen}/livez")).await.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        let account = client.register().await;
        let mut connection = database.url().connect().expect("a connection");
        connection.batch_execute("ALTER TABLE watchlist_items RENAME TO gone").expect("a table");
        let failed = account.client.get("/api/v1/watchlists").await.refused(500, "internal");
        server.says(&["ERROR", failed["request_id"].as_str().expect("an id")]).await;
    }
}

#[actix_web::test]
async fn files_that_others_may_read_are_told() {
    let folder = TempDir::new().expect("a folder");
    let secret = folder.path().join("secret");
    std::fs::write(&secret, "a secret that every user of the machine may read").expect("a file");
    std::fs::set_permissions(&secret, std::fs::Permissions::from_mode(0o644)).expect("its owner");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let doctor = run(&[&["doctor"], &data_dir[..]].concat());
    assert!(printed(&doctor).contains("wrong files: others may read"), "{}", printed(&doctor));
    let server = Logged::start(&data_dir, &[]);
    server.says(&["WARN", "others than their owner may read these files", "secret"]).await;
}

#[actix_web::test]
async fn a_server_whose_database_is_gone_is_not_ready() {
    let folder = TempDir::new().expect("a folder");
    let server = Served::start(&["--data-dir", folder.path().to_str().expect("a path")]);
    let client = Client::new(server.address);
    client.get("/readyz").await.expect(200);
    std::fs::remove_file(folder.path().join("watchtape.db")).expect("the database");
    until("it is not ready", async || client.get("/readyz").await.status.as_u16() == 503).await;
}

#[actix_web::test]
async fn a_second_server_on_the_same_database_says_so() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let database = Database::ready(backend).await;
        let (url, folder) = (database.setting(), TempDir::new().expect("a folder"));
        let arguments = ["--database-url", url.as_str(), "--data-dir", folder.path().to_str().expect("a path")];
        let first = Logged::start(&arguments, &[]);
        first.says(&["listening"]).await;
        let second = Logged::start(&arguments, &[]);
        second.says(&["WARN", "another server runs on this database"]).await;
        second.says(&["listening"]).await;
        assert!(!first.lines.lock().expect("no panic").iter().any(|line| line.contains("another server")));
    }
}

#[actix_web::test]
async fn a_server_whose_claim_is_cut_off_claims_its_database_again() {
    #[derive(diesel::QueryableByName)]
    struct Holder {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }

    let (database, folder) = (Database::ready(Backend::Postgres).await, TempDir::new().expect("a folder"));
    let (url, data_dir) = (database.setting(), folder.path().to_str().expect("a path").to_owned());
    let server = Logged::start(&["--database-url", &url, "--data-dir", &data_dir], &[]);
    server.says(&["listening"]).await;
    let mut connection = database.url().connect().expect("a connection");
    let mut holder = || {
        let held = diesel::sql_query(
            "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database \
             WHERE locktype = 'advisory' AND datname = current_database() AND granted",
        );
        held.load::<Holder>(&mut connection).expect("the locks").first().map(|holder| holder.pid)
    };
    let first = holder().expect("the server holds its claim");
    let mut admin = database.url().connect().expect("a connection");
    admin.batch_execute(&format!("SELECT pg_terminate_backend({first})")).expect("an ended connection");
    until("it is held again", async || holder().is_some_and(|pid| pid != first)).await;
    let second = Logged::start(&["--database-url", &url, "--data-dir", &data_dir], &[]);
    second.says(&["WARN", "another server runs on this database"]).await;
}

#[actix_web::test]
async fn a_node_with_another_secret_is_told() {
    let (database, redis) = (Database::ready(Backend::Postgres).await, Redis::started());
    let (url, store) = (database.setting(), redis.url());
    let start = |secret: &str| {
        let folder = TempDir::new().expect("a folder");
        let data_dir = folder.path().to_str().expect("a path").to_owned();
        let arguments = ["--database-url", &url, "--redis-url", &store, "--data-dir", &data_dir, "--secret", secret];
        (Logged::start(&arguments, &[]), folder)
    };
    let (same, _one) = start("one secret for all nodes of a cluster");
    same.says(&["connected to the cluster"]).await;
    let (other, _other) = start("another secret for one node of them");
    other.says(&["ERROR", "another node has another secret"]).await;
    let (third, _third) = start("one secret for all nodes of a cluster");
    third.says(&["connected to the cluster"]).await;
    for node in [&same, &third] {
        assert!(!node.lines.lock().expect("no panic").iter().any(|line| line.contains("another secret")));
    }
}

#[actix_web::test]
async fn a_database_that_takes_no_writes_is_told_and_the_server_is_not_ready() {
    let server = TestServer::start(Backend::Postgres).await;
    let account = server.client().register().await;
    server.client().get("/readyz").await.expect(200);
    let mut administrator = server.connect();
    let mut set = |statement: &str| {
        administrator
            .batch_execute(&format!(
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I {statement}', current_database()); END $$; \
                 SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid();"
            ))
            .expect("a setting");
    };
    set("SET default_transaction_read_only = on");
    until("a change is refused for what it is", async || {
        let refused =
            account.client.post("/api/v1/watchlists", &json!({ "name": "New" })).await.refused(503, "unavailable");
        refused["detail"].as_str().is_some_and(|detail| detail.contains("takes no writes"))
    })
    .await;
    server.client().get("/readyz").await.refused(503, "unavailable");
    account.client.get("/api/v1/watchlists").await.expect(200);
    set("RESET default_transaction_read_only");
    until("it is ready again", async || server.client().get("/readyz").await.status.as_u16() == 200).await;
    account.client.post("/api/v1/watchlists", &json!({ "name": "New" })).await.expect(201);
}

#[actix_web::test]
async fn a_server_that_is_told_to_stop_is_not_ready_and_serves_on() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    let mut served = Served::start(&["--data-dir", data_dir, "--drain-seconds", "300"]);
    let client = Client::new(served.address);
    client.get("/readyz").await.expect(200);
    served.signal("TERM");
    until("it is not ready", async || client.get("/readyz").await.status.as_u16() == 503).await;
    client.get("/livez").await.expect(200);
    client.get("/api/v1/auth/guest").await.expect(200);
    // A second signal hurries.
    served.terminate();
}

#[actix_web::test]
async fn days_that_an_operator_imports_are_known_without_a_restart() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let file = folder.path().join("days.csv");
    let import = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        run(&[&["calendar", "import", file.to_str().expect("a path")], &data_dir[..]].concat())
    };
    for nothing in ["", "mic,timezone,date,kind,open,close\n", "XNYS,,2026-12-08,holiday,,\n"] {
        assert!(!import(nothing).status.success(), "{nothing:?}");
    }
    let wrong = import("mic,timezone,date,kind,open,close\nXNYS,,2026-13-01,holiday,,\n");
    assert!(said(&wrong).contains("days.csv:2: a date is YYYY-MM-DD"), "{}", said(&wrong));
    let good = import("mic,timezone,date,kind,open,close\nXASX,Australia/Sydney,,regular,10:00,16:00\n");
    assert!(good.status.success(), "{}", said(&good));
    // What is imported later comes to what was imported before.
    let closure = import("mic,timezone,date,kind,open,close\nXASX,,2031-12-08,holiday,,\n");
    assert!(closure.status.success(), "{}", said(&closure));

    let server = Served::start(&data_dir);
    let client = Client::new(server.address);
    let register = json!({ "email": "ada@example.com", "password": "tangerine sleeps", "transport": "body" });
    let token = client.post("/api/v1/auth/register", &register).await.expect(201)["access_token"].clone();
    let ada = Client { token: token.as_str().map(str::to_owned), ..client.clone() };
    until("the exchange is there", async || {
        let market = ada.get("/api/v1/market").await.expect(200);
        market["exchanges"].as_array().expect("exchanges").iter().any(|exchange| exchange["mic"] == "XASX")
    })
    .await;
    assert!(client.get("/metrics").await.text.contains("watchtape_calendar_end_seconds 1827532800"));
}
