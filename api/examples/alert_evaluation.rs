//! Measures the evaluation of alerts: loading from a database, memory, and rounds in which every symbol changes, beside a scan of
//! all alerts in the same process. Prints, and asserts nothing: `cargo run --release --example alert_evaluation [ALERTS]`.

#![expect(clippy::disallowed_methods, reason = "tests and measurements have clocks and clients of their own")]

use cap::Cap;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_query;

use mimalloc::MiMalloc;
use std::borrow::Cow;
use std::time::{Duration, Instant};
use watchtape::alerts::evaluator::{Evaluator, Trigger, Value};
use watchtape::db::account_opening::{self, NewAccount};
use watchtape::db::{DatabaseUrl, Db, DbConnection, Error, alert_watch};
use watchtape::ids;
use watchtape_shared::account::Email;
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::Source;
use watchtape_shared::{Price, Symbol};

/// As the server's, and counted.
#[global_allocator]
static ALLOCATOR: Cap<MiMalloc> = Cap::new(MiMalloc, usize::MAX);

const SYMBOLS: i64 = 10_000;
const ROUNDS: i64 = 30;

/// Alerts around 100: seven in ten on a price, one each on the day's change, a channel, and a move within 15 minutes.
const FILL: &str = r#"
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $COUNT)
INSERT INTO alerts (id, user_id, symbol, condition, frequency, cooldown_s, rearm, session, state, version, arming, phase,
                    armed_at, trigger_count, created_at, updated_at)
SELECT printf('alr_%026d', i), '$OWNER', 'S' || (i % $SYMBOLS),
       CASE WHEN i / $SYMBOLS % 10 = 7 THEN printf('{"type":"change_percent","percent":"%d.%d"}', 1 + i % 19, i % 10)
            WHEN i / $SYMBOLS % 10 = 8
                THEN printf('{"type":"enters","low":"%d.%02d","high":"%d"}', 90 + abs(random() % 10), abs(random() % 100), 101 + i % 9)
            WHEN i / $SYMBOLS % 10 = 9
                THEN printf('{"type":"moves_percent","percent":"-%d","within_minutes":15}', 3 + i % 7)
            ELSE printf('{"type":"%s","price":"%d.%02d"}',
                        CASE i % 3 WHEN 0 THEN 'crosses' WHEN 1 THEN 'crosses_above' ELSE 'crosses_below' END,
                        90 + abs(random() % 20), abs(random() % 100)) END,
       'every_time', 60, 1000, 'regular', 'active', 1, 1, 1, '2026-01-01 00:00:00', 0, '2026-01-01 00:00:00', '2026-01-01 00:00:00'
FROM n"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let count: usize = std::env::args().nth(1).map_or(Ok(1_000_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let db = Db::open(&DatabaseUrl::Sqlite(folder.path().join("alerts.db")))?;
    runtime.block_on(fill(&db, count))?;

    let before = Memory::now();
    let started = Instant::now();
    let mut evaluator = runtime.block_on(load(&db))?;
    println!("{} alerts of {SYMBOLS} symbols loaded from SQLite in {:.2?}", evaluator.len(), started.elapsed());
    println!("memory: {}", before.grown(evaluator.len()));

    let symbols: Vec<Symbol> = (0..SYMBOLS).map(|at| Symbol::parse(&format!("S{at}"))).collect::<Result<_, _>>()?;
    let levels: Vec<Vec<i64>> = (0..SYMBOLS)
        .map(|at| (0..count as i64 / SYMBOLS).map(|n| 90_000_000 + (at * 7 + n * 191_911) % 20_000_000).collect())
        .collect();
    let (mut rounds, mut scans, mut triggers_of_all) = (Vec::new(), Vec::new(), 0);
    let mut last = vec![100_000_000_i64; symbols.len()];
    for round in 0..ROUNDS {
        let values: Vec<Value> =
            symbols.iter().enumerate().map(|(at, symbol)| value(*symbol, at as i64, round)).collect();
        let mut triggers: Vec<Trigger> = Vec::new();
        let started = Instant::now();
        values.iter().for_each(|value| evaluator.apply(value, &mut triggers));
        let took = started.elapsed();
        // The first prices pass a third of all levels at once: a market does not.
        if round == 0 {
            println!("the first round: {took:.2?}, {} triggers", triggers.len());
        } else {
            rounds.push(took);
            triggers_of_all += triggers.len();
        }
        for trigger in triggers {
            evaluator.settle(trigger.symbol, trigger.key, trigger.arming, 2);
        }
        let started = Instant::now();
        let mut crossed = 0;
        for ((value, last), levels) in values.iter().zip(&mut last).zip(&levels) {
            let (from, to) = (*last, value.price.micros());
            crossed += levels.iter().filter(|level| (from < **level) != (to < **level)).count();
            *last = to;
        }
        std::hint::black_box(crossed);
        scans.push(started.elapsed());
    }
    println!("memory after {ROUNDS} rounds: {}", before.grown(evaluator.len()));
    println!(
        "a round of {SYMBOLS} changed symbols: {}; {} triggers a round",
        figures(rounds),
        triggers_of_all / (ROUNDS - 1) as usize
    );
    println!("reference, a scan of as many levels, without rules: {}", figures(scans));
    Ok(())
}

fn figures(mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    format!("median {:.2?}, most {:.2?}", times[times.len() / 2], times[times.len() - 1])
}

/// A price that moves by up to a tenth of a percent each round.
fn value(symbol: Symbol, at: i64, round: i64) -> Value {
    let seen_at: DateTime<Utc> = DateTime::UNIX_EPOCH + TimeDelta::days(20_500) + TimeDelta::seconds(round * 90);
    let step = (at * 2_654_435_761 + round * 40_503) % 200_000 - 100_000;
    let price = 100_000_000 + step * (1 + round % 5);
    Value {
        symbol,
        price: Price::from_micros(price).expect("near 100"),
        previous_close: Price::from_micros(99_000_000),
        as_of: seen_at,
        seen_at,
        day: NaiveDate::default(),
        is_extended: false,
        is_known: false,
        mode: Mode::Live,
        source: Cow::Borrowed("measurement"),
    }
}

async fn fill(db: &Db, count: usize) -> Result<(), Error> {
    let email: Email = "ada@example.com".parse().expect("an address");
    let new = NewAccount {
        id: ids::user(),
        display_name: email.to_display_name(),
        email,
        password_hash: "$argon2id$".to_owned(),
        first_list: ids::watchlist(),
    };
    db.write(move |connection| {
        account_opening::open(connection, &new)?;
        let statement = FILL
            .replace("$COUNT", &count.to_string())
            .replace("$OWNER", new.id.as_str())
            .replace("$SYMBOLS", &SYMBOLS.to_string());
        if let DbConnection::Sqlite(sqlite) = connection {
            sql_query(statement).execute(sqlite)?;
        }
        Ok(())
    })
    .await
}

/// As the engine does.
async fn load(db: &Db) -> Result<Evaluator, Error> {
    let source = Source { source: "measurement".to_owned(), mode: Mode::Live };
    let mut evaluator = Evaluator::new(source, DateTime::UNIX_EPOCH, None);
    let (mut after, mut triggers) = (None::<String>, Vec::new());
    loop {
        let portion = db.read(move |connection| alert_watch::list_active(connection, after.as_deref(), 5_000)).await?;
        portion.alerts.iter().for_each(|alert| evaluator.insert(alert, &mut triggers));
        after = portion.last;
        if after.is_none() {
            return Ok(evaluator);
        }
    }
}

/// What the process holds.
struct Memory {
    allocated: usize,
    resident: usize,
}

impl Memory {
    fn now() -> Self {
        let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        let pages: usize = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
        Self { allocated: ALLOCATOR.allocated(), resident: pages * 4_096 }
    }

    /// By how much it has grown, for each alert. Resident is also what the allocator keeps of what was given back.
    fn grown(&self, alerts: usize) -> String {
        let now = Self::now();
        let each = |now: usize, before: usize| now.saturating_sub(before) as f64 / alerts as f64;
        let allocated = each(now.allocated, self.allocated);
        format!("{allocated:.0} bytes an alert allocated, {:.0} resident", each(now.resident, self.resident))
    }
}
