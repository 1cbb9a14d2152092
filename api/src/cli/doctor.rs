//! `watchtape doctor`: is everything there that the settings name, and does it answer? One line for each thing, with what
//! to mend. A vendor is asked once for one price, and the call is counted like any other.

use crate::cluster::{Redis, RedisUrl};
use crate::config::{FeedSetting, Settings};
use crate::db::{Db, security, upstream_calls};
use crate::feed::vendors;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::Vendor;
use crate::search::TickerIndex;
use chrono::Utc;
use std::fmt;
use std::sync::Arc;

/// What was found out about one thing.
pub(super) struct Finding {
    /// Which thing.
    pub name: String,
    /// What it is like; an error is what has to be mended.
    pub outcome: Result<String, String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.outcome {
            Ok(detail) => write!(f, "ok    {}: {detail}", self.name),
            Err(detail) => write!(f, "wrong {}: {detail}", self.name),
        }
    }
}

/// Prints a line for everything that the settings name; an error names what has to be mended.
pub(super) async fn run(settings: &Settings) -> Result<(), String> {
    let findings = examine(settings).await;
    for finding in &findings {
        println!("{finding}");
    }
    let wrong: Vec<&str> =
        findings.iter().filter(|finding| finding.outcome.is_err()).map(|finding| finding.name.as_str()).collect();
    if wrong.is_empty() { Ok(()) } else { Err(format!("to be mended: {}", wrong.join(", "))) }
}

/// Looks at everything in turn.
async fn examine(settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut note = |name: &str, outcome: Result<String, String>| {
        findings.push(Finding { name: name.to_owned(), outcome });
    };
    let made = settings.make_data_dir();
    note("data directory", made.map(|()| settings.data_dir.display().to_string()));
    note("secret", settings.read_secret().map(|_| "it is there, and long enough".to_owned()));
    let opened = Db::open(&settings.database()).map_err(|error| error.to_string());
    let (db, tickers) = match opened {
        Ok(db) => {
            note("database", Ok(format!("{:?}, of this version's schema", db.url())));
            let tickers = db.read(security::list).await.map_err(|error| error.to_string());
            let count = |tickers: &Vec<_>| match tickers.len() {
                0 => "empty: filled at the first start".to_owned(),
                count => format!("{count} securities"),
            };
            note("catalogue", tickers.as_ref().map(count).map_err(Clone::clone));
            (Some(db), tickers.unwrap_or_default())
        }
        Err(error) => {
            note("database", Err(error));
            (None, Vec::new())
        }
    };
    if settings.other_secret.is_some() || settings.other_secret_file.is_some() {
        note("other secret", settings.read_other_secret().map(|_| "it is there, and long enough".to_owned()));
    }
    note("address", settings.check_exposure().map(|()| format!("{} may be served", settings.listen)));
    note("mail", examine_mail(settings).await);
    match &settings.redis_url {
        None => note("cluster", Ok("this node is alone: no Redis is set".to_owned())),
        Some(url) => note("cluster", examine_redis(url).await),
    }
    match &settings.feed {
        FeedSetting::Sim => note("feed", Ok("sim: a simulated market".to_owned())),
        FeedSetting::Replay(file) => {
            let found = std::fs::metadata(file).map(|_| format!("replay of {}", file.display()));
            note("feed", found.map_err(|error| format!("{}: {error}", file.display())));
        }
        FeedSetting::Vendors(names) => match vendors::open(names, &settings.vendors) {
            Err(error) => note("feed", Err(error)),
            Ok(vendors) => {
                let tickers = TickerIndex::new(tickers.into_iter().map(Arc::new).collect());
                for vendor in vendors {
                    let name = format!("feed {}", vendor.capabilities().source);
                    let outcome = match &db {
                        Some(db) => examine_vendor(&*vendor, db, &tickers).await,
                        None => Err("not asked: its calls cannot be counted without a database".to_owned()),
                    };
                    note(&name, outcome);
                }
            }
        },
    }
    findings
}

async fn examine_mail(settings: &Settings) -> Result<String, String> {
    match settings.mailer()? {
        None => Ok("none is sent: links to set a new password come from `watchtape user reset-link`".to_owned()),
        Some(mailer) => mailer.greet().await.map(|()| "the server of mail answers".to_owned()),
    }
}

async fn examine_redis(url: &RedisUrl) -> Result<String, String> {
    let redis = Redis::new(url)?;
    let nodes = redis.count_nodes().await.map_err(|error| error.to_string())?;
    let last = redis.load().await.map_err(|error| error.to_string())?;
    let rounds = last.map_or("no rounds yet".to_owned(), |last| {
        let age = (Utc::now() - last.published_at).num_seconds().max(0);
        format!("round {} of {} s ago", last.seq, age)
    });
    Ok(format!("Redis answers; {nodes} nodes, {rounds}"))
}

/// Asks for the first security that it covers.
async fn examine_vendor(vendor: &dyn Vendor, db: &Db, tickers: &TickerIndex) -> Result<String, String> {
    let capabilities = vendor.capabilities();
    let (source, budget) = (capabilities.source, capabilities.budget);
    let Some(ticker) = tickers.iter().find(|ticker| vendor.covers(ticker)) else {
        return Err("it covers nothing of the catalogue".to_owned());
    };
    let day = Utc::now().date_naive();
    let reserve = move |connection: &mut _| upstream_calls::reserve(connection, source, day, 1, budget.per_day);
    let reserved = db.write(reserve).await.map_err(|error| error.to_string())?;
    let left = budget.per_day.map_or("no limit by the day".to_owned(), |most| {
        format!("{} left", u64::from(most).saturating_sub(reserved.calls))
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
