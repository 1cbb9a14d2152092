//! Every setting: its documentation, default and parser. Each is a `WATCHTAPE_*` variable or the flag of the same name;
//! an invalid one stops the start with one line that names it.

use crate::auth::Secret;
use crate::auth::secret::MIN_LEN;
use crate::cluster::RedisUrl;
use crate::db::DatabaseUrl;
use crate::feed::vendors::settings::{VendorName, VendorSettings};
use crate::http::trusted_proxies::TrustedProxies;
use crate::notify::mail::{Mailer, Sender, SmtpUrl};
use chrono::TimeDelta;
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// The settings.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// Address and port to listen on; port 0 takes a free one, which is logged
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDRESS:PORT"
    )]
    pub listen: SocketAddr,
    /// Folder of the database and the secret; created if it is missing
    #[arg(long, global = true, env = "WATCHTAPE_DATA_DIR", default_value = "./data", value_name = "FOLDER")]
    pub data_dir: PathBuf,
    /// sqlite:PATH or postgres://USER:PASSWORD@HOST/NAME [default: an SQLite file in the data directory]
    #[arg(long, global = true, env = "WATCHTAPE_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,
    /// Redis shared by several nodes: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE] [default: none, a single node]
    #[arg(long, global = true, env = "WATCHTAPE_REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<RedisUrl>,
    /// Source of prices: sim, replay:FILE.csv, or vendors such as alpaca,finnhub
    #[arg(long, global = true, env = "WATCHTAPE_FEED", default_value = "sim", value_name = "SOURCE")]
    pub feed: FeedSetting,
    /// Milliseconds between two price updates of the simulated market, 10 to 60000
    #[arg(long, global = true, env = "WATCHTAPE_SIM_INTERVAL_MS", default_value_t = 1000, value_name = "MS",
          value_parser = clap::value_parser!(u64).range(10..=60_000))]
    pub sim_interval_ms: u64,
    /// Seed of the simulated market: the same seed gives the same prices
    #[arg(long, global = true, env = "WATCHTAPE_SIM_SEED", default_value_t = 1, value_name = "NUMBER")]
    pub sim_seed: u64,
    /// Price updates a second of a replay, 0.01 to 1000; a recorded day has four
    #[arg(long, global = true, env = "WATCHTAPE_REPLAY_SPEED", default_value = "4", value_name = "RATE")]
    pub replay_speed: ReplaySpeed,
    /// Days to keep minute bars, 0 for ever; daily bars are kept for ever
    #[arg(long, global = true, env = "WATCHTAPE_BARS_RETENTION_DAYS", default_value_t = 30, value_name = "DAYS",
          value_parser = clap::value_parser!(u32).range(..=36_500))]
    pub bars_retention_days: u32,
    /// The vendors' keys, addresses and budgets.
    #[command(flatten)]
    pub vendors: VendorSettings,
    /// Secret for signing tokens, at least 32 characters [default: the secret file]
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_SECRET",
        hide_env_values = true,
        value_name = "TEXT",
        conflicts_with = "secret_file"
    )]
    pub secret: Option<SecretSetting>,
    /// File with the secret [default: "secret" in the data directory, created at first start]
    #[arg(long, global = true, env = "WATCHTAPE_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// Second secret whose tokens are valid too, while the secret is being changed
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_OTHER_SECRET",
        hide_env_values = true,
        value_name = "TEXT",
        conflicts_with = "other_secret_file"
    )]
    pub other_secret: Option<SecretSetting>,
    /// File with the second secret
    #[arg(long, global = true, env = "WATCHTAPE_OTHER_SECRET_FILE", value_name = "FILE")]
    pub other_secret_file: Option<PathBuf>,
    /// Serve the app from this folder instead of the files in the binary
    #[arg(long, global = true, env = "WATCHTAPE_WEB_DIR", value_name = "FOLDER")]
    pub web_dir: Option<PathBuf>,
    /// Origin that browsers use, such as https://watch.example.com [default: the host of the request, over HTTP]
    #[arg(long, global = true, env = "WATCHTAPE_PUBLIC_ORIGIN", value_name = "ORIGIN")]
    pub public_origin: Option<Origin>,
    /// Proxies whose X-Forwarded-For is trusted: addresses and networks, separated by commas [default: none]
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_TRUSTED_PROXIES",
        default_value = "",
        hide_default_value = true,
        value_name = "NETWORKS"
    )]
    pub trusted_proxies: TrustedProxies,
    /// Other origins whose pages may call the API with a token of their own, separated by commas [default: none]
    #[arg(long, global = true, env = "WATCHTAPE_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<Origin>,
    /// Number of worker threads [default: the machine's cores]
    #[arg(long, global = true, env = "WATCHTAPE_WORKERS", value_name = "COUNT",
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub workers: Option<u16>,
    /// Maximum of open streams per account on this node, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_STREAM_PER_ACCOUNT", default_value_t = 20, value_name = "COUNT")]
    pub stream_per_account: u32,
    /// Maximum of open streams per client address on this node, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_STREAM_PER_ADDRESS", default_value_t = 200, value_name = "COUNT")]
    pub stream_per_address: u32,
    /// Maximum of open streams on this node that have not authenticated yet, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_STREAM_UNKNOWN", default_value_t = 1000, value_name = "COUNT")]
    pub stream_unknown: u32,
    /// Requests a minute per account, and per API key, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_API_PER_MINUTE", default_value_t = 600, value_name = "COUNT")]
    pub api_per_minute: u32,
    /// Requests a minute per client address without a valid token, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_ANON_PER_MINUTE", default_value_t = 60, value_name = "COUNT")]
    pub anon_per_minute: u32,
    /// Failed sign-ins a minute per account and client address, 0 for no limit; ten times as many per account and per
    /// client address
    #[arg(long, global = true, env = "WATCHTAPE_LOGIN_PER_MINUTE", default_value_t = 10, value_name = "COUNT")]
    pub login_per_minute: u32,
    /// Maximum of guest accounts, 0 for none; a guest account is deleted after seven days without use
    #[arg(long, global = true, env = "WATCHTAPE_GUESTS", default_value_t = 1000, value_name = "COUNT")]
    pub guests: u32,
    /// New guest accounts an hour per client address, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_GUESTS_PER_HOUR", default_value_t = 10, value_name = "COUNT")]
    pub guests_per_hour: u32,
    /// Mail server, for links to set a new password: smtps://USER:PASSWORD@HOST[:PORT], or smtp:// with STARTTLS
    /// [default: no mail is sent]
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_SMTP_URL",
        hide_env_values = true,
        value_name = "URL",
        requires = "mail_from"
    )]
    pub smtp_url: Option<SmtpUrl>,
    /// Sender of mail, such as "Watchtape <watchtape@example.com>"
    #[arg(long, global = true, env = "WATCHTAPE_MAIL_FROM", value_name = "SENDER")]
    pub mail_from: Option<Sender>,
    /// Days to keep the audit trail, 0 for ever
    #[arg(long, global = true, env = "WATCHTAPE_AUDIT_RETENTION_DAYS", default_value_t = 365, value_name = "DAYS",
          value_parser = clap::value_parser!(u32).range(..=36_500))]
    pub audit_retention_days: u32,
    /// Log level: error, warn, info, debug or trace, also by module, as in watchtape=debug,info
    #[arg(long, global = true, env = "WATCHTAPE_LOG", default_value = "info", value_name = "FILTER")]
    pub log: LogFilter,
}

impl Settings {
    /// The URL of the database.
    pub fn database(&self) -> DatabaseUrl {
        let default = || DatabaseUrl::Sqlite(self.data_dir.join("watchtape.db"));
        self.database_url.clone().unwrap_or_else(default)
    }

    /// Creates the data directory if it is missing, mode 0700.
    pub fn make_data_dir(&self) -> Result<(), String> {
        // It holds the database and the secret.
        let mut folder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder
            .recursive(true)
            .create(&self.data_dir)
            .map_err(|error| format!("WATCHTAPE_DATA_DIR {}: {error}", self.data_dir.display()))
    }

    /// The secret: from the setting, else from its file, which is created if it is missing.
    pub fn read_secret(&self) -> Result<Secret, String> {
        if let Some(SecretSetting(secret)) = &self.secret {
            return Ok(secret.clone());
        }
        let path = self.secret_file.clone().unwrap_or_else(|| self.data_dir.join("secret"));
        Secret::read_or_create(&path).map_err(|error| format!("WATCHTAPE_SECRET_FILE {}: {error}", path.display()))
    }

    /// The second secret, if one is set. Its file is never created.
    pub fn read_other_secret(&self) -> Result<Option<Secret>, String> {
        if let Some(SecretSetting(secret)) = &self.other_secret {
            return Ok(Some(secret.clone()));
        }
        let Some(path) = &self.other_secret_file else { return Ok(None) };
        let read = Secret::read(path).map(Some);
        read.map_err(|error| format!("WATCHTAPE_OTHER_SECRET_FILE {}: {error}", path.display()))
    }

    /// The mailer; `None` without an SMTP server.
    pub fn mailer(&self) -> Result<Option<Mailer>, String> {
        let (Some(url), Some(from)) = (&self.smtp_url, &self.mail_from) else { return Ok(None) };
        Mailer::new(url, from).map(Some).map_err(|error| format!("WATCHTAPE_SMTP_URL: {error}"))
    }

    /// The origin of links in mails, for a server that is bound to `address`.
    pub fn link_origin(&self, mut address: SocketAddr) -> String {
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        self.public_origin.as_ref().map_or_else(|| format!("http://{address}"), |origin| origin.0.clone())
    }

    /// How long minute bars are kept; `None`: for ever.
    pub fn bars_retention(&self) -> Option<TimeDelta> {
        days(self.bars_retention_days)
    }

    /// How long the audit log is kept; `None`: for ever.
    pub fn audit_retention(&self) -> Option<TimeDelta> {
        days(self.audit_retention_days)
    }

    /// Refuses an address that other machines can reach without a public origin: the `Origin` header of a request could
    /// not be verified, and the session cookie would be sent in clear.
    pub fn check_exposure(&self) -> Result<(), String> {
        if self.listen.ip().to_canonical().is_loopback() {
            return Ok(());
        }
        match &self.public_origin {
            None => Err(format!(
                "WATCHTAPE_LISTEN {} can be reached from other machines: set WATCHTAPE_PUBLIC_ORIGIN to the origin that \
                 browsers use, such as https://watch.example.com, and put a proxy that speaks HTTPS before it",
                self.listen
            )),
            Some(Origin(origin)) => {
                if origin.starts_with("http://") {
                    tracing::warn!(%origin, "passwords, tokens and cookies go over the wire in clear: use HTTPS");
                }
                Ok(())
            }
        }
    }

    /// The number of worker threads.
    pub fn worker_count(&self) -> usize {
        self.workers.map_or_else(cores, usize::from)
    }
}

/// A retention; 0: for ever.
fn days(count: u32) -> Option<TimeDelta> {
    (count > 0).then(|| TimeDelta::days(count.into()))
}

/// The number of cores of the machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The source of prices (`WATCHTAPE_FEED`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedSetting {
    /// The simulated market.
    Sim,
    /// A replay of this file.
    Replay(PathBuf),
    /// Vendors, at least one, each at most once.
    Vendors(Vec<VendorName>),
}

impl FromStr for FeedSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "sim" => Ok(Self::Sim),
            None => parse_vendors(text).map(Self::Vendors),
            Some(("replay", file)) if !file.is_empty() => Ok(Self::Replay(file.into())),
            Some(_) => Err("a feed is sim, replay:FILE.csv, or vendors such as alpaca,finnhub".to_owned()),
        }
    }
}

fn parse_vendors(text: &str) -> Result<Vec<VendorName>, String> {
    let mut names = Vec::new();
    for part in text.split(',') {
        let name =
            part.trim().parse().map_err(|cause| format!("a feed is sim, replay:FILE.csv, or vendors; {cause}"))?;
        if names.contains(&name) {
            return Err(format!("{:?} is named twice", part.trim()));
        }
        names.push(name);
    }
    Ok(names)
}

/// The rate of a replay, in rounds a second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReplaySpeed(f64);

impl ReplaySpeed {
    /// The time between two rounds.
    pub fn interval(self) -> Duration {
        Duration::from_secs_f64(1.0 / self.0)
    }
}

impl FromStr for ReplaySpeed {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rate = text.parse::<f64>().ok().filter(|rate| (0.01..=1000.0).contains(rate));
        rate.map(Self).ok_or("a replay speed is a number from 0.01 to 1000")
    }
}

/// A secret given as a setting.
#[derive(Clone, Debug)]
pub struct SecretSetting(Secret);

impl FromStr for SecretSetting {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Secret::new(text).map(Self).ok_or_else(|| format!("a secret has at least {MIN_LEN} characters"))
    }
}

/// An origin (RFC 6454): scheme, host and port, as browsers serialise it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(pub String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "an origin is http://HOST[:PORT] or https://HOST[:PORT], without a path";
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).ok_or(EXPECTED)?;
        let clean = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']');
        if host.is_empty() || !host.chars().all(clean) {
            return Err(EXPECTED);
        }
        Ok(Self(text.to_owned()))
    }
}

/// A filter of log events.
#[derive(Clone, Debug)]
pub struct LogFilter(String);

impl LogFilter {
    /// The filter, for `tracing`.
    pub fn to_filter(&self) -> tracing_subscriber::EnvFilter {
        tracing_subscriber::EnvFilter::new(&self.0)
    }
}

impl FromStr for LogFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        tracing_subscriber::EnvFilter::try_new(text).map_err(|error| error.to_string())?;
        Ok(Self(text.to_owned()))
    }
}
