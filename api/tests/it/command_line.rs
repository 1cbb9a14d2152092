//! The binary as an operator meets it.

use crate::support::process::{Served, run};
use crate::support::socket::Socket;
use crate::support::{Backend, Client, Database, on_both_databases};
use serde_json::json;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};
use tempfile::TempDir;

on_both_databases!(a_first_start_makes_everything_and_a_second_finds_it, two_first_starts_at_once_make_one_catalogue,);

#[test]
fn a_wrong_setting_stops_the_start_with_one_line_that_names_it() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = folder.path().to_str().expect("a path");
    for (flags, named) in [
        (vec!["--listen", "nowhere"], "--listen"),
        (vec!["--database-url", "mysql://x"], "--database-url"),
        (vec!["--feed", "live"], "--feed"),
        (vec!["--feed", "alpaca,alpaca"], "--feed"),
        (vec!["--feed", "alpaca"], "WATCHTAPE_ALPACA_KEY_ID"),
        (vec!["--finnhub-key", "hunter2 hunter2"], "--finnhub-key"),
        (vec!["--alpaca-url", "https://hunter2@host"], "--alpaca-url"),
        (vec!["--sim-interval-ms", "1"], "--sim-interval-ms"),
        (vec!["--replay-speed", "0"], "--replay-speed"),
        (vec!["--secret", "hunter2"], "--secret"),
        (vec!["--database-url", "postgress://user:hunter2@host/x"], "--database-url"),
        (vec!["user", "add"], "<EMAIL>"),
        (vec!["--public-origin", "https://a.example/path"], "--public-origin"),
        (vec!["--workers", "0"], "--workers"),
        (vec!["--smtp-url", "https://hunter2@host", "--mail-from", "a@example.com"], "--smtp-url"),
        (vec!["--smtp-url", "smtp://a:hunter2@host"], "--mail-from"),
        (vec!["--mail-from", "nobody"], "--mail-from"),
        (vec!["--audit-retention-days", "x"], "--audit-retention-days"),
        (vec!["--notify-allow", "10.0.0.0/8,*.example.com"], "--notify-allow"),
        (vec!["--log", "watchtape=loud"], "--log"),
        (vec!["--no-such-setting"], "--no-such-setting"),
        (vec!["--web-dir", "/no/such/folder"], "WATCHTAPE_WEB_DIR"),
        (vec!["--database-url", "sqlite:/no/such/folder/x.db"], "WATCHTAPE_DATABASE_URL"),
        (vec!["--feed", "replay:/no/such/file.csv"], "WATCHTAPE_FEED"),
        (vec!["--data-dir", "/proc/nothing"], "WATCHTAPE_DATA_DIR"),
        (vec!["--listen", "192.0.2.1:1", "--public-origin", "https://a.example"], "WATCHTAPE_LISTEN"),
        (vec!["--listen", "192.0.2.1:1"], "WATCHTAPE_PUBLIC_ORIGIN"),
        (vec!["--listen", "0.0.0.0:0"], "WATCHTAPE_PUBLIC_ORIGIN"),
        (vec!["--listen", "[::]:0"], "WATCHTAPE_PUBLIC_ORIGIN"),
        (vec!["--cors-origins", "https://a.example,*"], "--cors-origins"),
        (vec!["--cors-origins", "https://a.example/"], "--cors-origins"),
    ] {
        let mut arguments = if flags[0] == "user" { vec![] } else { vec!["serve", "--log", "off"] };
        if !flags.contains(&"--data-dir") {
            arguments.extend(["--data-dir", data_dir]);
        }
        arguments.retain(|one| !(flags.contains(&"--log") && ["--log", "off"].contains(one)));
        arguments.extend(&flags);
        let output = run(&arguments);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{flags:?}: {said}");
        assert_eq!(said.lines().count(), 1, "{flags:?}: {said}");
        assert!(said.contains(named), "{flags:?}: {said}");
        assert!(!said.contains("hunter2"), "a value may be a secret: {said}");
    }
}

#[test]
fn a_malformed_recording_stops_the_start_and_names_file_line_and_cause() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("bad.csv");
    let good = "AAPL,2013-02-28,444.05,447.87,441.4,441.4,11518400";
    for (lines, place, cause) in [
        (vec!["a,b"], 1, "the header is not Ticker,Date,Open,High,Low,Close,Volume"),
        (vec![], 1, "there is no bar in the file"),
        (vec![good, "AAPL,2013-03-01,x,2,1,2,1"], 3, "Open \"x\": a price is decimal digits"),
        (vec![good, "AAPL,01.03.2013,1,2,1,2,1"], 3, "Date \"01.03.2013\" is not YYYY-MM-DD"),
        (vec!["AAPL,2013-03-01,3,2,1,2,1"], 2, "the low 1.00 and the high 2.00 do not hold the open and the close"),
        (vec![good, good], 3, "a second bar of AAPL on 2013-02-28"),
        (vec!["AAPL,2013-03-01,1,2"], 2, "Volume is missing"),
        (vec!["A B,2013-03-01,1,2,1,2,1"], 2, "Ticker \"A B\": a symbol has only"),
    ] {
        let header = if lines == ["a,b"] { "" } else { "Ticker,Date,Open,High,Low,Close,Volume\n" };
        std::fs::write(&file, format!("{header}{}\n", lines.join("\n"))).expect("a file");
        let feed = format!("replay:{}", file.display());
        let data_dir = folder.path().join("data");
        let output = run(&["serve", "--log", "off", "--data-dir", data_dir.to_str().expect("a path"), "--feed", &feed]);
        let said = String::from_utf8(output.stderr).expect("text");
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("{}:{place}: ", file.display())) && said.contains(cause), "{cause}: {said}");
    }
}

async fn a_first_start_makes_everything_and_a_second_finds_it(backend: Backend) {
    let database = Database::empty(backend);
    let (url, folder) = (database.setting(), database.folder().join("data"));
    let arguments = ["--database-url", &url, "--data-dir", folder.to_str().expect("a path")];
    let mut served = Served::start(&arguments);
    let secret = std::fs::metadata(folder.join("secret")).expect("a secret");
    assert_eq!(secret.permissions().mode() & 0o777, 0o600);
    let account = Client::new(served.address).register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    served.kill();
    let served = Served::start(&arguments);
    let again = Client { address: served.address, ..account.client.clone() };
    assert_eq!(
        again.get(&list).await.expect(200)["items"][0]["symbol"],
        "AAPL",
        "the token and the list are still good"
    );
}

async fn two_first_starts_at_once_make_one_catalogue(backend: Backend) {
    let database = Database::empty(backend);
    let starts = ["one", "two"].map(|name| {
        let (url, folder) = (database.setting(), database.folder().join(name));
        std::thread::spawn(move || {
            Served::start(&["--database-url", &url, "--data-dir", folder.to_str().expect("a path")])
        })
    });
    for start in starts {
        let served = start.join().expect("a server");
        let account = Client::new(served.address).register().await;
        let found = account.client.get("/api/v1/tickers?q=apple&limit=1").await.expect(200);
        assert_eq!(found["items"][0]["symbol"], "AAPL");
    }
}

#[actix_web::test]
async fn an_operator_opens_and_bars_accounts() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    assert!(run(&["migrate", data_dir[0], data_dir[1]]).status.success());
    let add = |password: &str| {
        let mut child = Command::new(env!("CARGO_BIN_EXE_watchtape"))
            .args(["user", "add", "Ada@example.com"])
            .args(data_dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary");
        writeln!(child.stdin.take().expect("piped"), "{password}").expect("a pipe");
        child.wait_with_output().expect("its end")
    };
    let said = |output: std::process::Output| String::from_utf8(output.stderr).expect("text");
    assert!(said(add("short")).contains("a password has 8 to 128 characters"));
    assert!(said(add("password123")).contains("one of the most used passwords"));
    assert!(add("correct horse").status.success());
    assert!(said(add("correct horse")).contains("the e-mail address is taken"));

    let served = Served::start(&data_dir);
    let client = Client::new(served.address);
    let login = json!({ "email": "ada@example.com", "password": "correct horse", "transport": "body" });
    let token = client.post("/api/v1/auth/login", &login).await.expect(200)["access_token"].clone();
    let ada = Client { token: token.as_str().map(str::to_owned), ..client.clone() };
    assert_eq!(ada.get("/api/v1/watchlists").await.expect(200)["items"][0]["name"], "Watchlist");

    let link = |arguments: &[&str]| run(&[&["user", "reset-link"], arguments, &data_dir].concat());
    let output = link(&["ADA@example.com", "--public-origin", "https://watch.example.com"]);
    let printed = String::from_utf8(output.stdout).expect("text");
    let token = printed.trim().strip_prefix("https://watch.example.com/reset#").expect("a link").to_owned();
    assert!(said(link(&["ada@example.com", "--send"])).contains("WATCHTAPE_SMTP_URL"));
    assert!(said(link(&["x@example.com"])).contains("no such account"));
    let reset = json!({ "token": token, "new_password": "tangerine sleeps on tuesdays" });
    client.post("/api/v1/auth/reset", &reset).await.expect(204);
    let login = json!({ "email": "ada@example.com", "password": "tangerine sleeps on tuesdays", "transport": "body" });
    ada.get("/api/v1/me").await.refused(401, "unauthenticated");
    let token = client.post("/api/v1/auth/login", &login).await.expect(200)["access_token"].clone();
    let ada = Client { token: token.as_str().map(str::to_owned), ..client.clone() };
    ada.get("/api/v1/me").await.expect(200);

    let mut socket = Socket::open(&ada).await;
    assert!(run(&["user", "disable", "ada@example.com", data_dir[0], data_dir[1]]).status.success());
    assert_eq!(socket.closed().await, 4409, "the server finds out what another process did");
    ada.get("/api/v1/me").await.refused(401, "unauthenticated");
    client.post("/api/v1/auth/login", &login).await.refused(401, "wrong_credentials");
    assert!(said(run(&["user", "disable", "x@example.com", data_dir[0], data_dir[1]])).contains("no such account"));
}

#[test]
fn the_openapi_command_prints_the_committed_document() {
    let output = run(&["openapi"]);
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).expect("text"), watchtape::http::openapi::yaml());
}

#[test]
fn a_catalogue_is_imported_whole_or_not_at_all() {
    let folder = TempDir::new().expect("a folder");
    let data_dir = ["--data-dir", folder.path().to_str().expect("a path")];
    let file = folder.path().join("more.csv");
    let import = |text: &str| {
        std::fs::write(&file, text).expect("a file");
        run(&["catalog", "import", file.to_str().expect("a path"), data_dir[0], data_dir[1]])
    };
    let header = "symbol,name,mic,currency,country,isin,sector,indices,rank";
    let bad = import(&format!("{header}\nNEW1,One,XNYS,USD,,,,,1\nNEW2,,XNYS,USD,,,,,2\n"));
    assert!(String::from_utf8(bad.stderr).expect("text").contains("more.csv:3: the name is empty"));
    let good = import(&format!("{header}\nNEW1,One,XNYS,USD,,,,A|B,1\n"));
    assert!(String::from_utf8(good.stdout).expect("text").starts_with("1 securities imported"));
}

#[test]
fn help_lists_every_setting_with_its_variable() {
    let help = String::from_utf8(run(&["--help"]).stdout).expect("text");
    for name in [
        "LISTEN",
        "DATA_DIR",
        "DATABASE_URL",
        "FEED",
        "SIM_INTERVAL_MS",
        "SIM_SEED",
        "REPLAY_SPEED",
        "ALBERT_KEY",
        "FINNHUB_KEY",
        "ALPACA_KEY_ID",
        "ALPACA_SECRET",
        "ALBERT_URL",
        "FINNHUB_URL",
        "FINNHUB_STREAM_URL",
        "ALPACA_URL",
        "ALPACA_STREAM_URL",
        "VENDOR_PER_SECOND",
        "VENDOR_PER_MINUTE",
        "VENDOR_PER_DAY",
        "SECRET",
        "SECRET_FILE",
        "WEB_DIR",
        "PUBLIC_ORIGIN",
        "CORS_ORIGINS",
        "WORKERS",
        "LOGIN_PER_MINUTE",
        "SMTP_URL",
        "MAIL_FROM",
        "AUDIT_RETENTION_DAYS",
        "LOG",
    ] {
        assert!(help.contains(&format!("WATCHTAPE_{name}")), "{name} is missing");
        let settings = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
        let settings = std::fs::read_to_string(settings).expect("docs/settings.md");
        assert!(settings.contains(&format!("| `WATCHTAPE_{name}` |")), "docs/settings.md: {name}");
    }
}
