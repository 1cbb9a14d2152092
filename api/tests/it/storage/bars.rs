//! Bars, and what sparklines read of them.

use super::{open, symbol};
use crate::support::{Backend, on_both_databases};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use std::cell::RefCell;
use watchtape::db::Db;
use watchtape::db::bar::{self, NewBar, Provenance};
use watchtape::history::sparkline;
use watchtape_shared::Price;
use watchtape_shared::bar::{Bar, Interval};

on_both_databases!(
    bars_are_widened_and_never_replaced,
    a_range_of_bars_is_its_newest_part_oldest_first,
    only_old_bars_of_a_minute_are_swept,
    what_a_sparkline_reads_makes_the_same_points_as_all,
);

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn new_bar(name: &str, interval: Interval, start: &str, prices: [i64; 4], volume: Option<u64>) -> NewBar {
    let [open, high, low, close] = prices.map(|micros| Price::from_micros(micros).expect("a price"));
    NewBar { symbol: symbol(name), interval, bar: Bar { start: time(start), open, high, low, close, volume } }
}

async fn merge(db: &Db, bars: Vec<NewBar>) {
    db.write(move |connection| bar::merge(connection, Provenance::Simulated, &bars)).await.expect("bars");
}

async fn range(db: &Db, interval: Interval, from: &str, to: &str, limit: i64) -> Vec<Bar> {
    let (from, to) = (time(from), time(to));
    db.read(move |connection| bar::range(connection, Provenance::Simulated, symbol("AAPL"), interval, from, to, limit))
        .await
        .expect("bars")
}

async fn bars_are_widened_and_never_replaced(backend: Backend) {
    use Interval::{OneDay, OneMinute};
    const MINUTE: &str = "2026-11-20T15:30:00Z";
    let (_database, db) = open(backend).await;
    merge(&db, vec![new_bar("AAPL", OneMinute, MINUTE, [50, 90, 40, 60], Some(700))]).await;
    // The rest of the minute after a restart, another symbol's, another interval's; and one bar twice.
    let rest = vec![
        new_bar("AAPL", OneMinute, MINUTE, [70, 80, 30, 80], Some(20)),
        new_bar("MSFT", OneMinute, MINUTE, [1, 1, 1, 1], None),
        new_bar("AAPL", OneDay, "2026-11-20T00:00:00Z", [2, 2, 2, 2], None),
        new_bar("AAPL", OneDay, "2026-11-20T00:00:00Z", [3, 3, 3, 3], Some(u64::MAX)),
    ];
    merge(&db, rest).await;
    let whole = new_bar("AAPL", OneMinute, MINUTE, [50, 90, 30, 80], Some(700)).bar;
    assert_eq!(range(&db, OneMinute, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 10).await, [whole]);
    let day = new_bar("AAPL", OneDay, "2026-11-20T00:00:00Z", [2, 3, 2, 3], Some(i64::MAX.unsigned_abs())).bar;
    assert_eq!(range(&db, OneDay, "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", 10).await, [day]);
    // More than one query looks up.
    let many = (0..1_201).map(|number| new_bar(&format!("S{number}"), OneMinute, MINUTE, [5, 5, 5, 5], None));
    let many: Vec<NewBar> = many.collect();
    merge(&db, many.clone()).await;
    merge(&db, many).await;
}

async fn a_range_of_bars_is_its_newest_part_oldest_first(backend: Backend) {
    let (_database, db) = open(backend).await;
    let minute = |minute: i64| {
        new_bar("AAPL", Interval::OneMinute, &format!("2026-11-20T15:{minute:02}:00Z"), [minute; 4], Some(1))
    };
    merge(&db, [12, 10, 14, 11, 13].map(minute).to_vec()).await;
    let minutes = |from: &'static str, to: &'static str, limit: i64| {
        let db = db.clone();
        async move {
            let bars = range(&db, Interval::OneMinute, from, to, limit).await;
            bars.iter().map(|bar| bar.close.micros()).collect::<Vec<_>>()
        }
    };
    assert_eq!(minutes("2026-11-20T15:11:00Z", "2026-11-20T15:14:00Z", 10).await, [11, 12, 13]);
    assert_eq!(minutes("2026-11-20T15:10:00.5Z", "2026-11-20T15:14:00.000001Z", 10).await, [11, 12, 13, 14]);
    assert_eq!(minutes("2026-11-20T15:00:00Z", "2026-11-20T16:00:00Z", 2).await, [13, 14]);
    assert_eq!(minutes("2026-11-20T15:14:00Z", "2026-11-20T15:14:00Z", 2).await, [0; 0]);
}

async fn only_old_bars_of_a_minute_are_swept(backend: Backend) {
    use Interval::{OneDay, OneMinute};
    let (_database, db) = open(backend).await;
    let bars = vec![
        new_bar("AAPL", OneMinute, "2026-10-20T15:29:00Z", [1; 4], None),
        new_bar("MSFT", OneMinute, "2026-10-20T15:29:00Z", [1; 4], None),
        new_bar("AAPL", OneMinute, "2026-10-20T15:30:00Z", [2; 4], None),
        new_bar("AAPL", OneDay, "2020-01-02T00:00:00Z", [3; 4], None),
    ];
    merge(&db, bars).await;
    let sweep = || db.write(|connection| bar::sweep(connection, time("2026-10-20T15:30:00Z")));
    assert_eq!((sweep().await.expect("a sweep"), sweep().await.expect("a sweep")), (2, 0));
    let left = range(&db, OneMinute, "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 10).await;
    assert_eq!(left.iter().map(|bar| bar.close.micros()).collect::<Vec<_>>(), [2]);
    assert_eq!(range(&db, OneDay, "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 10).await.len(), 1);
}

/// A symbol may have a bar of each minute, of some, or of none.
async fn what_a_sparkline_reads_makes_the_same_points_as_all(backend: Backend) {
    let (_database, db) = open(backend).await;
    let connection = db.url().connect().expect("a connection");
    let start = DateTime::from_timestamp(1_795_000_020, 0).expect("a time");
    let symbols = ["AAPL", "MSFT", "NVDA"].map(symbol);
    let cases = if backend == Backend::Sqlite { 24 } else { 8 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let minutes = || prop_oneof![Just(1.0), Just(0.9), Just(0.02), Just(0.0)];
    let length = 1..400_i64;
    let number = std::cell::Cell::new(0);
    let connection = RefCell::new(connection);
    let outcome = runner.run(&(length, prop::array::uniform3(minutes()), any::<u64>()), |(length, dense, seed)| {
        // Each case has a week of its own.
        let start = start + TimeDelta::weeks(number.replace(number.get() + 1));
        let span = start..start + TimeDelta::minutes(length);
        let mut random = StdRng::seed_from_u64(seed);
        let mut bars = Vec::new();
        for (symbol, dense) in symbols.iter().zip(dense) {
            for minute in -3..length + 3 {
                if !random.random_bool(dense) {
                    continue;
                }
                let price = Price::from_micros(random.random_range(1..9_999)).expect("a price");
                let start = start + TimeDelta::minutes(minute);
                let bar = Bar { start, open: price, high: price, low: price, close: price, volume: None };
                bars.push(NewBar { symbol: *symbol, interval: Interval::OneMinute, bar });
            }
        }
        bar::merge(&mut connection.borrow_mut(), Provenance::Real, &bars).expect("stored");
        let ends = sparkline::step_ends(&span);
        let read = bar::step_closes(&mut connection.borrow_mut(), Provenance::Real, &symbols, &span, &ends);
        let read = read.expect("a query");
        for symbol in symbols {
            let all: Vec<bar::Close> = bars
                .iter()
                .filter(|new| new.symbol == symbol && span.contains(&new.bar.start))
                .map(|new| bar::Close { start: new.bar.start, price: new.bar.close })
                .collect();
            let some = read.get(&symbol).cloned().unwrap_or_default();
            let (some, all) = (sparkline::resample(symbol, &span, &some), sparkline::resample(symbol, &span, &all));
            prop_assert_eq!(some, all);
        }
        Ok(())
    });
    outcome.expect("the same points");
}
