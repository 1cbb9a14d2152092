//! Replays historical prices from a CSV file of daily bars: `Ticker,Date,Open,High,Low,Close,Volume`; further columns
//! are ignored. Each day is four batches: open, low, high and close of every ticker.
//!
//! A daily bar has no times of its low and high: they are placed at a third and two thirds of the trading session. Open
//! and close have its start and end.

use super::provider::{Provider, Tick};
use crate::cluster::entry::Entry;
use crate::cluster::source_description::{Coverage, PriceSource};
use crate::market::calendar::Calendar;
use chrono::NaiveDate;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Symbol};

const SOURCE: &str = "replay";
const HEADER: [&str; 7] = ["Ticker", "Date", "Open", "High", "Low", "Close", "Volume"];

/// One line of the file, a daily bar.
#[derive(Clone, Copy, Debug)]
struct Bar {
    symbol: Symbol,
    date: NaiveDate,
    open: Price,
    high: Price,
    low: Price,
    close: Price,
    volume: u64,
}

/// A replay, which ends with the last bar.
pub struct Replay {
    batches: VecDeque<Vec<Tick>>,
    symbols: HashSet<Symbol>,
    interval: Interval,
}

impl Replay {
    /// Reads the whole file. An error names the file, the line and the cause. Symbols outside the catalogue are skipped
    /// with a warning. Needs a tokio runtime.
    pub fn open<'a>(
        path: &Path,
        interval: Duration,
        calendar: &Calendar,
        find: impl Fn(&Symbol) -> Option<&'a Arc<Ticker>>,
    ) -> Result<Self, String> {
        let mut days: BTreeMap<NaiveDate, Vec<(Bar, &'a Ticker)>> = BTreeMap::new();
        let mut skipped: HashSet<Symbol> = HashSet::new();
        for bar in read_bars(path)? {
            match find(&bar.symbol) {
                Some(ticker) => days.entry(bar.date).or_default().push((bar, ticker)),
                None => {
                    skipped.insert(bar.symbol);
                }
            }
        }
        if !skipped.is_empty() {
            tracing::warn!(symbols = ?skipped, "skipped in the replay: not in the catalogue");
        }
        if days.is_empty() {
            return Err(format!("{}: none of its tickers is in the catalogue", path.display()));
        }
        let symbols = days.values().flatten().map(|(bar, _)| bar.symbol).collect();
        let batches = days.values().flat_map(|bars| batches_of(bars, calendar)).collect();
        let mut interval = tokio::time::interval(interval);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self { batches, symbols, interval })
    }
}

fn batches_of(bars: &[(Bar, &Ticker)], calendar: &Calendar) -> [Vec<Tick>; 4] {
    let batch = |step: i32| {
        let tick = |(bar, ticker): &(Bar, &Ticker)| {
            let (open, close) = calendar.regular_hours(ticker.mic.as_deref(), bar.date);
            Tick {
                symbol: bar.symbol,
                price: [bar.open, bar.low, bar.high, bar.close][step as usize],
                as_of: open + (close - open) * step / 3,
                day: bar.date,
                is_extended: false,
                is_last_only: false,
                starts_over: false,
                previous_close: None,
                open: None,
                high: None,
                low: None,
                // The day's volume is known only at the close.
                volume: (step == 3).then_some(bar.volume),
                source: SOURCE,
                mode: Mode::Replay,
            }
        };
        bars.iter().map(tick).collect()
    };
    [batch(0), batch(1), batch(2), batch(3)]
}

fn read_bars(path: &Path) -> Result<Vec<Bar>, String> {
    let name = path.display();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_path(path)
        .map_err(|error| format!("{name}: {error}"))?;
    let mut bars: Vec<Bar> = Vec::new();
    let mut seen = HashSet::new();
    let mut records = reader.records();
    let header = records.next().transpose().map_err(|error| format!("{name}:1: {error}"))?;
    if !header.is_some_and(|header| header.iter().take(HEADER.len()).eq(HEADER)) {
        return Err(format!("{name}:1: the header is not {}", HEADER.join(",")));
    }
    for record in records {
        let record = record.map_err(|error| {
            let line = error.position().map_or(0, csv::Position::line);
            format!("{name}:{line}: {error}")
        })?;
        let line = record.position().map_or(0, csv::Position::line);
        let bar = parse_bar(&record).map_err(|cause| format!("{name}:{line}: {cause}"))?;
        if !seen.insert((bar.symbol, bar.date)) {
            return Err(format!("{name}:{line}: a second bar of {} on {}", bar.symbol, bar.date));
        }
        bars.push(bar);
    }
    if bars.is_empty() {
        return Err(format!("{name}:1: there is no bar in the file"));
    }
    Ok(bars)
}

fn parse_bar(record: &csv::StringRecord) -> Result<Bar, String> {
    let field = |column: usize| record.get(column).ok_or_else(|| format!("{} is missing", HEADER[column]));
    let price = |column: usize| {
        let text = field(column)?;
        Price::parse(text).map_err(|cause| format!("{} {text:?}: {cause}", HEADER[column]))
    };
    let (ticker, date, volume) = (field(0)?, field(1)?, field(6)?);
    let bar = Bar {
        symbol: Symbol::parse(ticker).map_err(|cause| format!("Ticker {ticker:?}: {cause}"))?,
        date: date.parse().map_err(|_| format!("Date {date:?} is not YYYY-MM-DD"))?,
        open: price(2)?,
        high: price(3)?,
        low: price(4)?,
        close: price(5)?,
        volume: volume.parse().map_err(|_| format!("Volume {volume:?} is not a whole number"))?,
    };
    let in_range = |price: Price| (bar.low..=bar.high).contains(&price);
    if !(in_range(bar.open) && in_range(bar.close)) {
        return Err(format!("the low {} and the high {} do not hold the open and the close", bar.low, bar.high));
    }
    Ok(bar)
}

impl Provider for Replay {
    fn source(&self) -> PriceSource {
        PriceSource {
            name: SOURCE,
            mode: Mode::Replay,
            coverage: Coverage::Only(self.symbols.clone()),
            interval: self.interval.period(),
        }
    }

    fn resume(&mut self, last: &[Entry]) {
        let Some(played_until) = last.iter().filter_map(|entry| entry.quote.as_of).max() else { return };
        while self.batches.front().is_some_and(|batch| batch.iter().all(|tick| tick.as_of <= played_until)) {
            self.batches.pop_front();
        }
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        async move {
            self.interval.tick().await;
            self.batches.pop_front()
        }
        .boxed()
    }
}
