//! Where settings come from: flags, variables, the configuration file, and files with secrets; which of them wins, and what is
//! refused.

use crate::support::process::{Running, Served, command, printed, said};
use crate::support::vendor::{FakeRest, Reply};
use crate::support::{Client, until};
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A folder with files.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path: PathBuf = self.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a path").to_owned()
    }
}

fn run(arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    command(arguments).envs(environment.iter().copied()).output().expect("the binary")
}

#[actix_web::test]
async fn flags_win_over_variables_and_these_over_the_file() {
    let folder = Folder::new();
    let file = folder.path().join("file.db");
    let (of_file, of_variable, of_flag) = (file.display().to_string(), "variable.db", "flag.db");
    let config = folder.write("watchtape.toml", &format!("database-url = \"sqlite:{of_file}\"\n"));
    let migrated = run(&["migrate", "--config", &config], &[]);
    assert!(migrated.status.success() && printed(&migrated).contains("file.db"), "{migrated:?}");
    assert!(file.exists());
    let at = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    let (variable, flag) = (at(of_variable), at(of_flag));
    let environment = [("WATCHTAPE_CONFIG", config.as_str()), ("WATCHTAPE_DATABASE_URL", &variable)];
    assert!(printed(&run(&["migrate"], &environment)).contains(of_variable));
    assert!(printed(&run(&["migrate", "--database-url", &flag], &environment)).contains(of_flag));
}

#[actix_web::test]
async fn a_server_takes_all_kinds_of_settings_from_the_file() {
    let folder = Folder::new();
    let data = folder.path().join("data");
    let text = format!(
        "# Numbers, texts and lists.\ndata_dir = \"{}\"\nguests = 0\nsim-interval-ms = 250\nreplay_speed = 2.5\n\
         cors-origins = [\"https://a.example\", \"https://b.example\"]\ntrusted_proxies = [\"10.0.0.0/8\"]\n",
        data.display()
    );
    let config = folder.write("watchtape.toml", &text);
    let served = Served::start(&["--config", &config]);
    let client = Client::new(served.address);
    client.post("/api/v1/auth/guest", &serde_json::json!({ "transport": "body" })).await.refused(403, "guests_closed");
    for (origin, is_allowed) in [("https://a.example", true), ("https://b.example", true), ("https://c.example", false)]
    {
        let asked = client.request(reqwest::Method::GET, "/api/v1/market").header("Origin", origin);
        let allowed = client.send(asked).await.header("access-control-allow-origin") == origin;
        assert_eq!(allowed, is_allowed, "{origin}");
    }
    assert!(data.join("watchtape.db").exists());
}

#[test]
fn a_wrong_file_stops_the_start_and_tells_no_value() {
    let folder = Folder::new();
    for (text, told) in [
        ("listen = \"127.0.0.1:0\"\nsecret = hunter2\n", "line 2: "),
        ("databse_url = \"hunter2\"\n", "there is no such setting: databse_url"),
        ("config = \"hunter2\"\n", "there is no such setting: config"),
        ("help = \"hunter2\"\n", "there is no such setting: help"),
        ("[server]\nlisten = \"hunter2\"\n", "server is neither a text, a number nor a list of texts"),
        ("guests = true\n", "guests is neither a text, a number nor a list of texts"),
        (
            "secret = \"hunter2hunter2hunter2hunter2hunter2\"\nsecret_file = \"x\"\n",
            "secret and secret_file are both set",
        ),
        ("listen = \"hunter2\"\n", "--listen"),
        ("database-url = \"mysql://hunter2\"\n", "--database-url"),
        ("workers = 0\n", "--workers"),
    ] {
        let config = folder.write("watchtape.toml", text);
        let refused = run(&["doctor", "--config", &config], &[]);
        assert_eq!(refused.status.code(), Some(2), "{text}: {refused:?}");
        let said = said(&refused);
        assert!(said.contains(told) && said.lines().count() == 1 && !said.contains("hunter2"), "{text}: {said}");
    }
    let missing = run(&["doctor", "--config", "/no/such/file.toml"], &[]);
    assert!(said(&missing).starts_with("watchtape: WATCHTAPE_CONFIG /no/such/file.toml: "), "{}", said(&missing));
    let help = run(&["--help", "--config", &folder.write("watchtape.toml", "finnhub_key = \"hunter2\"\n")], &[]);
    assert!(help.status.success() && !printed(&help).contains("hunter2"));
}

/// Of every setting that may hold a secret there is one that names a file.
#[test]
fn each_secret_may_be_in_a_file() {
    let folder = Folder::new();
    let help = printed(&run(&["--help"], &[]));
    for setting in
        ["DATABASE_URL", "REDIS_URL", "SMTP_URL", "ALBERT_KEY", "FINNHUB_KEY", "ALPACA_KEY_ID", "ALPACA_SECRET"]
    {
        assert!(help.contains(&format!("[env: WATCHTAPE_{setting}_FILE=]")), "{setting}: {help}");
        let flag = format!("--{}", setting.to_lowercase().replace('_', "-"));
        let (name, variable) = (format!("WATCHTAPE_{setting}_FILE"), format!("WATCHTAPE_{setting}"));
        // A control character is refused in every URL and key.
        let wrong = folder.write("secret", "\u{1}hunter2\n");
        let refused = run(&["doctor"], &[(&name, &wrong)]);
        assert!(said(&refused).starts_with(&format!("watchtape: {flag}")), "{setting}: {}", said(&refused));
        assert!(!said(&refused).contains("hunter2"), "{}", said(&refused));
        for (file, told) in [("/no/such/file", "No such file"), (folder.write("empty", "\n").as_str(), "it is empty")] {
            let refused = said(&run(&["doctor"], &[(&name, file)]));
            assert!(refused.starts_with(&format!("watchtape: {name} {file}: ")) && refused.contains(told), "{refused}");
        }
        let valid = match setting {
            "DATABASE_URL" => "sqlite:x",
            "REDIS_URL" => "redis://127.0.0.1",
            "SMTP_URL" => "smtp://127.0.0.1",
            _ => "key",
        };
        let both = run(&["doctor", "--mail-from", "a@example.com"], &[(&name, &wrong), (&variable, valid)]);
        assert_eq!(both.status.code(), Some(2), "{both:?}");
        assert!(said(&both).contains("cannot be used with"), "{setting}: {}", said(&both));
    }
    let database = format!("sqlite:{}\n", folder.path().join("of-file.db").display());
    let named = folder.write("url", &database);
    let migrated = run(&["migrate"], &[("WATCHTAPE_DATABASE_URL_FILE", &named)]);
    assert!(printed(&migrated).contains("of-file.db"), "{migrated:?}");
}

/// The key of a vendor comes from its file, whichever way the file is named.
#[actix_web::test]
async fn a_vendors_key_is_read_from_its_file() {
    let folder = Folder::new();
    let catalogue = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/securities.csv");
    let vendor = FakeRest::start([Reply::json("{}"), Reply::json("{}"), Reply::json("{}")]).await;
    let key = folder.write("finnhub", "a-key-of-a-file\n");
    let config = folder.write("watchtape.toml", &format!("finnhub_key_file = \"{key}\"\n"));
    let data = folder.path().join("data").display().to_string();
    let imported = run(&["catalog", "import", "--data-dir", &data, catalogue.to_str().expect("a path")], &[]);
    assert!(imported.status.success(), "{imported:?}");
    let ways = [
        (vec![], vec![("WATCHTAPE_FINNHUB_KEY_FILE", key.clone())]),
        (vec!["--finnhub-key-file".to_owned(), key.clone()], vec![]),
        (vec!["--config".to_owned(), config], vec![]),
    ];
    for (at, (arguments, environment)) in ways.into_iter().enumerate() {
        let mut doctor = command(&["doctor", "--feed", "finnhub", "--finnhub-url", &vendor.url(), "--data-dir", &data]);
        doctor.args(arguments).envs(environment);
        // The vendor is on this thread.
        actix_web::web::block(move || doctor.output()).await.expect("a thread").expect("the binary");
        let with_key =
            vendor.asked().iter().filter(|asked| asked.header("x-finnhub-token") == "a-key-of-a-file").count();
        assert_eq!(with_key, at + 1);
    }
}

#[actix_web::test]
async fn a_variable_that_is_no_setting_stops_the_start() {
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    for arguments in [&["serve", "--data-dir", &data][..], &["migrate", "--data-dir", &data]] {
        let refused = run(arguments, &[("WATCHTAPE_REDIS", "redis://:hunter2@10.0.0.1"), ("WATCHTAPE_LOGS", "x")]);
        let expected = "watchtape: there is no such setting: WATCHTAPE_LOGS, WATCHTAPE_REDIS: see watchtape --help\n";
        assert_eq!((refused.status.code(), said(&refused).as_str()), (Some(2), expected));
    }
    assert!(!Path::new(&data).exists(), "nothing was begun");
    // What Kubernetes adds beside a service called watchtape is none of the operator's.
    let links = [
        ("WATCHTAPE_SERVICE_HOST", "10.0.0.1"),
        ("WATCHTAPE_SERVICE_PORT_HTTP", "8080"),
        ("WATCHTAPE_PORT", "tcp://10.0.0.1:8080"),
        ("WATCHTAPE_PORT_8080_TCP_ADDR", "10.0.0.1"),
    ];
    let migrated = run(&["migrate", "--data-dir", &data], &links);
    assert!(migrated.status.success(), "{migrated:?}");
}

#[actix_web::test]
async fn mail_without_a_sender_is_refused_wherever_its_server_is_named() {
    let folder = Folder::new();
    let data = folder.path().join("data").display().to_string();
    let url = folder.write("smtp", "smtp://127.0.0.1:1\n");
    let config = folder.write("watchtape.toml", "smtp_url = \"smtp://127.0.0.1:1\"\n");
    for arguments in [["--smtp-url-file", &url], ["--config", &config]] {
        let usual = ["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data-dir", &data];
        let refused = run(&[&usual[..], &arguments].concat(), &[]);
        assert_eq!(said(&refused), "watchtape: WATCHTAPE_SMTP_URL needs WATCHTAPE_MAIL_FROM\n");
    }
}

/// What systemd is told of a service: that it is ready once it listens, that it is alive, and that it stops.
#[actix_web::test]
async fn systemd_is_told_of_the_start_the_life_and_the_end() {
    let folder = Folder::new();
    let address = folder.path().join("notify");
    let socket = std::os::unix::net::UnixDatagram::bind(&address).expect("a socket");
    socket.set_nonblocking(true).expect("a socket");
    let data = folder.path().join("data").display().to_string();
    let mut server = command(&["serve", "--listen", "127.0.0.1:0", "--drain-seconds", "0", "--data-dir", &data]);
    server.env("NOTIFY_SOCKET", &address).env("WATCHDOG_USEC", "200000");
    let mut server = Running::start(server);
    let mut told = String::new();
    let mut hear = async |text: &str, times: usize| {
        until(&format!("systemd is told {text}"), async || {
            let mut message = [0; 4_096];
            while let Ok(length) = socket.recv(&mut message) {
                told.push_str(&String::from_utf8_lossy(&message[..length]));
                told.push('\n');
            }
            told.matches(text).count() >= times
        })
        .await;
    };
    hear("READY=1", 1).await;
    hear("WATCHDOG=1", 3).await;
    server.terminate();
    hear("STOPPING=1", 1).await;
}
