//! `watchtape doctor`: checks that everything named by the settings exists and answers, and prints one line for each,
//! with what to fix. Each vendor is asked for one price, and the call counts against its budget.

use crate::clock;
use crate::cluster::{Redis, RedisUrl};
use crate::config::{FeedSetting, Settings};
use crate::db::{Db, connection_limit, security, upstream_calls};
use crate::feed::replay::Replay;
use crate::feed::vendors;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::Vendor;
use crate::http::static_files::StaticFiles;
use crate::market::calendar::Calendar;
use crate::search::TickerIndex;
use crate::server::app_files;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, io};
use watchtape_shared::ticker::Ticker;

/// The result of one check.
pub(super) struct CheckResult {
    /// What was checked.
    pub name: String,
    /// Its state, or what has to be fixed.
    pub outcome: Result<String, String>,
}

impl fmt::Display for CheckResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(detail) => write!(f, "ok    {}: {detail}", self.name),
            Err(detail) => write!(f, "wrong {}: {detail}", self.name),
        }
    }
}

/// Prints a line for each check; an error names the checks that failed.
pub(super) async fn run(settings: &Settings, embedded: StaticFiles) -> Result<(), String> {
    let results = run_checks(settings, embedded).await;
    for result in &results {
        println!("{result}");
    }
    let wrong: Vec<&str> =
        results.iter().filter(|result| result.outcome.is_err()).map(|result| result.name.as_str()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("to be mended: {}", wrong.join(", "))) }
}

/// Runs every check, one after the other.
async fn run_checks(settings: &Settings, embedded: StaticFiles) -> Vec<CheckResult> {
    let mut results = Vec::new();
    let mut report = |name: &str, outcome: Result<String, String>| {
        results.push(CheckResult { name: name.to_owned(), outcome });
    };
    let made = settings.make_data_dir();
    report("data directory", made.map(|()| settings.data_dir.display().to_string()));
    report("secret", settings.read_secret().map(|_| "it exists, and is long enough".to_owned()));
    let opened = Db::open_with_pool(&settings.database(), settings.database_pool).map_err(|error| error.to_string());
    let (db, tickers) = match opened {
        Ok(db) => {
            report("database", Ok(format!("{:?}, at this version's schema", db.url())));
            let tickers = db.read(security::list).await.map_err(|error| error.to_string());
            let count = |tickers: &Vec<_>| match tickers.len() {
                0 => "empty: filled at the first start".to_owned(),
                count => format!("{count} securities"),
            };
            report("catalogue", tickers.as_ref().map(count).map_err(Clone::clone));
            (Some(db), tickers.unwrap_or_default())
        }
        Err(error) => {
            report("database", Err(error));
            (None, Vec::new())
        }
    };
    match settings.read_other_secret() {
        Ok(None) => {}
        other => report("other secret", other.map(|_| "it exists, and is long enough".to_owned())),
    }
    if let Some(outcome) = check_connections(settings, db.as_ref()).await {
        report("connections", outcome);
    }
    report("address", check_address(settings));
    if let Some(names) = super::unknown_variables() {
        report("settings", Err(format!("there is no such setting: {names}")));
    }
    let open = settings.files_open_to_others();
    if !open.is_empty() {
        report("files", Err(format!("others may read {}: chmod 600", open.join(", "))));
    }
    let app = match (app_files(settings, embedded), &settings.web_dir) {
        (Err(error), _) => Err(error),
        (Ok(_), Some(folder)) => Ok(format!("served from {}", folder.display())),
        (Ok(files), None) if files.is_empty() => Ok("not in this binary: the API alone is served".to_owned()),
        (Ok(_), None) => Ok("in this binary".to_owned()),
    };
    report("app", app);
    report("calendars", check_calendars(settings));
    report("mail", check_mail(settings).await);
    match &settings.redis_url {
        None => report("cluster", Ok("this node is alone: no Redis is set".to_owned())),
        Some(url) => report("cluster", check_redis(url, settings.redis_ca_file.as_deref()).await),
    }
    match &settings.feed {
        FeedSetting::Sim => report("feed", Ok("sim: a simulated market".to_owned())),
        FeedSetting::Replay(file) => {
            report("feed", check_replay(settings, file, tickers));
        }
        FeedSetting::Vendors(names) => match vendors::open(names, &settings.vendors) {
            Err(error) => report("feed", Err(error)),
            Ok(vendors) => {
                let tickers = TickerIndex::new(tickers.into_iter().map(Arc::new).collect());
                for vendor in vendors {
                    let name = format!("feed {}", vendor.capabilities().source);
                    let outcome = match &db {
                        Some(db) => check_vendor(&*vendor, db, &tickers).await,
                        None => Err("not asked: its calls cannot be counted without a database".to_owned()),
                    };
                    report(&name, outcome);
                }
            }
        },
    }
    results
}

/// Whether the pools of all nodes fit into what PostgreSQL grants; `None` on SQLite.
async fn check_connections(settings: &Settings, db: Option<&Db>) -> Option<Result<String, String>> {
    let db = db?;
    let granted = match db.read(connection_limit::granted).await {
        Ok(granted) => granted?,
        Err(error) => return Some(Err(error.to_string())),
    };
    let redis = settings.redis_url.as_ref().map(|url| Redis::new(url, settings.redis_ca_file.as_deref()));
    let running = match redis {
        Some(Ok(redis)) => redis.count_nodes().await.unwrap_or(0),
        _ => 0,
    };
    let (nodes, pool) = (running.max(1), db.pool_size());
    Some(match connection_limit::warning(granted, nodes, pool) {
        Some(warning) => Err(warning),
        None => Ok(format!("{granted} are granted by PostgreSQL, and each of {nodes} nodes may open {}", pool + 1)),
    })
}

fn check_address(settings: &Settings) -> Result<String, String> {
    settings.check_exposure()?;
    match TcpListener::bind(settings.listen) {
        Ok(_) => Ok(format!("{} may be served", settings.listen)),
        // A server that runs is no fault.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Ok(format!("{} is served already", settings.listen)),
        Err(error) => Err(format!("WATCHTAPE_LISTEN {}: {error}", settings.listen)),
    }
}

fn check_replay(settings: &Settings, file: &Path, tickers: Vec<Ticker>) -> Result<String, String> {
    let tickers = TickerIndex::new(tickers.into_iter().map(Arc::new).collect());
    let calendar = Calendar::embedded()?;
    Replay::open(file, settings.replay_speed.interval(), &calendar, |symbol| tickers.get(symbol))
        .map(|_| format!("replay of {}", file.display()))
        .map_err(|error| format!("WATCHTAPE_FEED {error}"))
}

fn check_calendars(settings: &Settings) -> Result<String, String> {
    let (calendar, file) = (Calendar::embedded()?, settings.calendar_file());
    if file.exists() {
        calendar.read_additions(&file)?;
    }
    calendar.end_warning(clock::now()).map_or_else(|| Ok(format!("they end on {}", calendar.end())), Err)
}

async fn check_mail(settings: &Settings) -> Result<String, String> {
    match settings.mailer()? {
        None => Ok("not set up: `watchtape user reset-link` prints links to set a new password".to_owned()),
        Some(mailer) => mailer.check_connection().await.map(|()| "the mail server answers".to_owned()),
    }
}

async fn check_redis(url: &RedisUrl, ca_file: Option<&Path>) -> Result<String, String> {
    let redis = Redis::new(url, ca_file)?;
    let nodes = redis.count_nodes().await.map_err(|error| error.to_string())?;
    let policy = redis.eviction_policy().await.map_err(|error| format!("Redis does not answer INFO: {error}"))?;
    if let Some(policy) = policy {
        return Err(format!(
            "Redis drops keys when its memory is full (maxmemory-policy {policy}), prices and limits among them: set noeviction"
        ));
    }
    let last = redis.load().await.map_err(|error| error.to_string())?;
    let rounds = last.map_or("no rounds yet".to_owned(), |(last, _)| {
        let age = (clock::now() - last.published_at).num_seconds().max(0);
        format!("round {} of {} s ago", last.seq, age)
    });
    Ok(format!("Redis answers; {nodes} nodes, {rounds}"))
}

/// Asks the vendor for the price of the first security that it covers.
async fn check_vendor(vendor: &dyn Vendor, db: &Db, tickers: &TickerIndex) -> Result<String, String> {
    let capabilities = vendor.capabilities();
    let (source, budget) = (capabilities.source, capabilities.budget);
    let Some(ticker) = tickers.iter().find(|ticker| vendor.covers(ticker)) else {
        return Err("it covers no security of the catalogue".to_owned());
    };
    let day = clock::now().date_naive();
    let reserve = move |connection: &mut _| upstream_calls::reserve(connection, source, day, 1, budget.per_day);
    let reserved = db.write(reserve).await.map_err(|error| error.to_string())?;
    let left = budget.per_day.map_or("no daily limit".to_owned(), |limit| {
        format!("{} left", u64::from(limit).saturating_sub(reserved.calls))
    });
    let budget = format!("{} calls today, {left}", reserved.calls);
    if reserved.granted == 0 {
        return Err(format!("not asked: the day's budget is used up ({budget})"));
    }
    match vendor.fetch(std::slice::from_ref(ticker)).await {
        Ok(answer) => match answer.quotes.first() {
            Some(quote) => Ok(format!("{} at {}; {budget}", quote.symbol, quote.price)),
            None => Ok(format!("it answers, without a price for {}; {budget}", ticker.symbol)),
        },
        Err(VendorError::Limited(Some(wait))) => {
            Err(format!("its limit is used up for {} s; {budget}", wait.as_secs()))
        }
        Err(error) => Err(format!("{error}; {budget}")),
    }
}
