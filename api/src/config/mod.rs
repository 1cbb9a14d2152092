//! Every setting: its documentation, default and parser. Each is a `WATCHTAPE_*` variable, the flag of the same name, or a key of
//! the configuration file; an invalid one stops the start with one line that names it.

mod config_file;
pub mod environment;
pub mod secret_files;
mod values;

pub use values::{FeedSetting, LogFilter, Origin, ReplaySpeed, SecretSetting};

use crate::auth::Secret;
use crate::cluster::RedisUrl;
use crate::db::DatabaseUrl;
use crate::feed::vendors::settings::VendorSettings;
use crate::http::trusted_proxies::TrustedProxies;
use crate::notify::mail::{Mailer, Sender, SmtpUrl};
use crate::notify::outbound::AllowList;
use crate::telemetry::logs::{LogFormat, LogSettings};
use crate::telemetry::traces::{Collector, Endpoint, Headers, TraceSettings};
use chrono::TimeDelta;
use clap::Args;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use watchtape_shared::account::RegistrationPolicy;

/// The settings.
#[derive(Args, Clone, Debug)]
pub struct Settings {
    /// File with settings: TOML, with the flags' names as keys; variables and flags win [default: none]
    #[arg(long, global = true, env = "WATCHTAPE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
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
    /// Connections to the database of this node, 2 to 1000 [default: 12 to PostgreSQL, 5 to SQLite]
    #[arg(long, global = true, env = "WATCHTAPE_DATABASE_POOL", value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub database_pool: Option<u32>,
    /// Redis shared by several nodes: redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// with TLS, or
    /// redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST…]/MASTER[/DATABASE] [default: none, a single node]
    #[arg(long, global = true, env = "WATCHTAPE_REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<RedisUrl>,
    /// File with the certificate authority of the Redis, in PEM [default: the machine's certificate store]
    #[arg(long, global = true, env = "WATCHTAPE_REDIS_CA_FILE", value_name = "FILE")]
    pub redis_ca_file: Option<PathBuf>,
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
    /// Maximum of open HTTP connections per client address on this node, streams included, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_CONNECTIONS_PER_ADDRESS", default_value_t = 512, value_name = "COUNT")]
    pub connections_per_address: u32,
    /// Requests a minute per account, its API keys included, 0 for no limit
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
    /// Who may open an account: anybody (open), whom `watchtape user invite` has invited (invite), or nobody (closed); guests are
    /// taken where anybody may
    #[arg(long, global = true, env = "WATCHTAPE_REGISTRATION", default_value = "open", value_name = "POLICY")]
    pub registration: RegistrationPolicy,
    /// New accounts an hour per client address that register, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_REGISTRATIONS_PER_HOUR", default_value_t = 60, value_name = "COUNT")]
    pub registrations_per_hour: u32,
    /// Alerts of an account, 0 for none
    #[arg(long, global = true, env = "WATCHTAPE_ALERTS_PER_ACCOUNT", default_value_t = 500, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(..=100_000))]
    pub alerts_per_account: u32,
    /// Seconds for which a server that is told to stop (SIGTERM) says that it is not ready and still serves, 0 to 300
    #[arg(long, global = true, env = "WATCHTAPE_DRAIN_SECONDS", default_value_t = 3, value_name = "SECONDS",
          value_parser = clap::value_parser!(u32).range(..=300))]
    pub drain_seconds: u32,
    /// New guest accounts an hour per client address, 0 for no limit
    #[arg(long, global = true, env = "WATCHTAPE_GUESTS_PER_HOUR", default_value_t = 10, value_name = "COUNT")]
    pub guests_per_hour: u32,
    /// Mail server, for links to set a new password and for alerts: smtps://USER:PASSWORD@HOST[:PORT], or smtp:// with STARTTLS
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
    /// What alerts may be sent to beside public addresses: networks, addresses and host names, separated by commas; also by
    /// http [default: none]
    #[arg(
        long,
        global = true,
        env = "WATCHTAPE_NOTIFY_ALLOW",
        default_value = "",
        hide_default_value = true,
        value_name = "HOSTS"
    )]
    pub notify_allow: AllowList,
    /// Days to keep the audit trail, 0 for ever
    #[arg(long, global = true, env = "WATCHTAPE_AUDIT_RETENTION_DAYS", default_value_t = 365, value_name = "DAYS",
          value_parser = clap::value_parser!(u32).range(..=36_500))]
    pub audit_retention_days: u32,
    /// Address and port for /metrics, /livez and /readyz alone [default: none; /metrics is for callers on this machine]
    #[arg(long, global = true, env = "WATCHTAPE_METRICS_LISTEN", value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<SocketAddr>,
    /// Collector of traces that speaks OTLP over HTTP, such as http://localhost:4318 [default: none, no traces]
    #[arg(long, global = true, env = "WATCHTAPE_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<Endpoint>,
    /// Headers for the collector: NAME=VALUE, several separated by commas
    #[arg(long, global = true, env = "WATCHTAPE_OTLP_HEADERS", hide_env_values = true, value_name = "HEADERS")]
    pub otlp_headers: Option<Headers>,
    /// Trace one of so many requests and rounds; a request with a traceparent says itself whether it is traced
    #[arg(long, global = true, env = "WATCHTAPE_OTLP_SAMPLE", default_value_t = 1, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub otlp_sample: u32,
    /// File to log to; one that is moved away is begun anew [default: standard error]
    #[arg(long, global = true, env = "WATCHTAPE_LOG_FILE", value_name = "FILE")]
    pub log_file: Option<PathBuf>,
    /// How log lines look: json, text or journald [default: text on a terminal, journald below systemd, else json]
    #[arg(long, global = true, env = "WATCHTAPE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Log one of so many ordinary requests; those that fail or take more than a second are always logged
    #[arg(long, global = true, env = "WATCHTAPE_LOG_SAMPLE", default_value_t = 1, value_name = "COUNT",
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub log_sample: u32,
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

    /// Creates the data directory if it is missing, mode 0700; nothing where neither the database nor the secret is kept
    /// there.
    pub fn make_data_dir(&self) -> Result<(), String> {
        if self.database_url.is_some() && (self.secret.is_some() || self.secret_file.is_some()) {
            return Ok(());
        }
        let mut folder = std::fs::DirBuilder::new();
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder
            .recursive(true)
            .create(&self.data_dir)
            .map_err(|error| format!("WATCHTAPE_DATA_DIR {}: {error}", self.data_dir.display()))
    }

    /// The operator's file of exchanges' days.
    pub fn calendar_file(&self) -> PathBuf {
        self.data_dir.join("exchange_days.csv")
    }

    /// The most guests at once: none unless anybody may open an account.
    pub fn max_guests(&self) -> u32 {
        if self.registration == RegistrationPolicy::Open { self.guests } else { 0 }
    }

    /// The file with the secret.
    pub fn secret_path(&self) -> PathBuf {
        self.secret_file.clone().unwrap_or_else(|| self.data_dir.join("secret"))
    }

    /// The file with the second secret: of the setting, else beside the secret's, where it is while the secret is being changed.
    pub fn other_secret_path(&self) -> PathBuf {
        self.other_secret_file.clone().unwrap_or_else(|| {
            let mut path = self.secret_path();
            path.as_mut_os_string().push(".other");
            path
        })
    }

    /// The secret: from the setting, else from its file, which is created if it is missing.
    pub fn read_secret(&self) -> Result<Secret, String> {
        if let Some(setting) = &self.secret {
            return Ok(setting.secret());
        }
        let path = self.secret_path();
        Secret::read_or_create(&path).map_err(|error| format!("WATCHTAPE_SECRET_FILE {}: {error}", path.display()))
    }

    /// The files with secrets or accounts that others than their owner may read or write.
    pub fn files_open_to_others(&self) -> Vec<String> {
        let database = match self.database() {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        };
        let is_open = |path: &PathBuf| {
            std::fs::metadata(path)
                .is_ok_and(|found| std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0)
        };
        let files = [self.secret_path(), self.other_secret_path()].into_iter().chain(database);
        files.filter(is_open).map(|path| path.display().to_string()).collect()
    }

    /// The second secret, if one is set. Its file is never created.
    pub fn read_other_secret(&self) -> Result<Option<Secret>, String> {
        if let Some(setting) = &self.other_secret {
            return Ok(Some(setting.secret()));
        }
        let path = self.other_secret_path();
        if self.other_secret_file.is_none() && (self.secret.is_some() || !path.exists()) {
            return Ok(None);
        }
        let read = Secret::read(&path).map(Some);
        read.map_err(|error| format!("WATCHTAPE_OTHER_SECRET_FILE {}: {error}", path.display()))
    }

    /// The mailer; `None` without an SMTP server.
    pub fn mailer(&self) -> Result<Option<Mailer>, String> {
        let Some(url) = &self.smtp_url else { return Ok(None) };
        // The parser asks for it where the URL is a flag or a variable, and cannot where a file has it.
        let from = self.mail_from.as_ref().ok_or("WATCHTAPE_SMTP_URL needs WATCHTAPE_MAIL_FROM")?;
        Mailer::new(url, from).map(Some).map_err(|error| format!("WATCHTAPE_SMTP_URL: {error}"))
    }

    /// The origin of links in mails, for a server that is bound to `address`.
    pub fn link_origin(&self, mut address: SocketAddr) -> String {
        if address.ip().is_unspecified() {
            address.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        self.public_origin.as_ref().map_or_else(|| format!("http://{address}"), |origin| origin.0.clone())
    }

    /// Whom a push service may ask about this server: the sender of its mails, else its https origin.
    pub fn push_contact(&self) -> Option<String> {
        let mail = self.mail_from.as_ref().map(|sender| format!("mailto:{}", sender.address()));
        let origin = self.public_origin.as_ref().map(|origin| origin.0.clone());
        mail.or_else(|| origin.filter(|origin| origin.starts_with("https://")))
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

    /// Where and how to log.
    pub fn logs(&self) -> LogSettings {
        LogSettings { filter: self.log.to_filter(), format: self.log_format, file: self.log_file.clone() }
    }

    /// Where and what to trace; `None` for no traces.
    pub fn traces(&self) -> Option<TraceSettings> {
        let collector = Collector::new(self.otlp_endpoint.clone()?, self.otlp_headers.clone().unwrap_or_default());
        Some(TraceSettings { collector, one_in: self.otlp_sample })
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
