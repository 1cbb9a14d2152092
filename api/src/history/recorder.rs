//! Records the feed's ticks of watched symbols as bars, stores them every 5 s and when the server stops, with the splits that
//! they show, and deletes old ones.

use super::bars::Bars;
use super::splits::{Opening, Openings};
use crate::clock;
use crate::db::bar::{self, Provenance};
use crate::db::{Db, DbConnection, Error, split};
use crate::feed::provider::Tick;
use crate::market::calendar::Calendar;
use crate::search::LiveIndex;
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;
use watchtape_shared::Symbol;
use watchtape_shared::split::Split;

/// How often changed bars are stored.
const FLUSH_INTERVAL: Duration = Duration::from_secs(5);
/// Bars per transaction: other writers run in between.
const FLUSH_CHUNK: usize = 500;
/// The longest pause between two transactions.
const MAX_WRITE_PAUSE: Duration = Duration::from_millis(250);
/// How often old bars are deleted.
const DELETE_INTERVAL: Duration = Duration::from_secs(3600);

/// Records ticks as bars and stores them.
pub struct Recorder {
    provenance: Provenance,
    bars: Mutex<Bars>,
    openings: Mutex<Openings>,
    tickers: Arc<LiveIndex>,
    calendar: Arc<Calendar>,
    is_watched: Box<dyn Fn(&Symbol) -> bool + Send + Sync>,
    /// Held during a flush, so that the flush at the server's stop waits for one in progress.
    flush_lock: tokio::sync::Mutex<()>,
}

impl Recorder {
    /// A recorder of prices of this provenance, for the symbols that `is_watched` accepts; it is called for every tick.
    pub fn new(
        provenance: Provenance,
        tickers: Arc<LiveIndex>,
        calendar: Arc<Calendar>,
        is_watched: impl Fn(&Symbol) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            provenance,
            bars: Mutex::default(),
            openings: Mutex::default(),
            tickers,
            calendar,
            is_watched: Box::new(is_watched),
            flush_lock: tokio::sync::Mutex::default(),
        }
    }

    /// Records a published tick, if its symbol is watched.
    pub fn record(&self, tick: &Tick) {
        if (self.is_watched)(&tick.symbol) {
            self.bars().record(tick);
            // A simulation has no splits, and a replay has those of its recording in its prices.
            if self.provenance == Provenance::Real {
                self.openings().record(tick, self.tickers.get(&tick.symbol).as_ref(), &self.calendar);
            }
        }
    }

    fn openings(&self) -> MutexGuard<'_, Openings> {
        self.openings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bars(&self) -> MutexGuard<'_, Bars> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Flushes every 5 s, and deletes minute bars older than `retention` every hour while `may_delete`. Never returns.
    pub async fn run(self: Arc<Self>, db: Db, retention: Option<TimeDelta>, may_delete: impl Fn() -> bool) {
        // Not at the start, which has enough to do.
        let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + FLUSH_INTERVAL, FLUSH_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_failing, mut deleted_at): (bool, Option<Instant>) = (false, None);
        loop {
            interval.tick().await;
            let stored = self.flush(&db).await;
            match &stored {
                Ok(()) if is_failing => tracing::info!("bars are stored again"),
                // Logged once, not every 5 s.
                Err(error) if !is_failing => tracing::warn!(%error, "could not store bars: will retry"),
                _ => {}
            }
            is_failing = stored.is_err();
            let dropped = self.bars().take_dropped_count();
            if dropped > 0 {
                tracing::warn!(given_up = dropped, "too many bars were waiting: the oldest were dropped");
            }
            let is_due = deleted_at.is_none_or(|at| at.elapsed() >= DELETE_INTERVAL);
            if let Some(retention) = retention.filter(|_| is_due && !is_failing && may_delete()) {
                deleted_at = Some(clock::monotonic());
                delete_old(&db, clock::now() - retention).await;
            }
        }
    }

    /// Stores changed bars. On an error the rest is kept for the next flush.
    pub async fn flush(&self, db: &Db) -> Result<(), Error> {
        let _guard = self.flush_lock.lock().await;
        let dirty = self.bars().take_dirty();
        let started = clock::monotonic();
        let mut pause = Duration::ZERO;
        for (number, chunk) in dirty.chunks(FLUSH_CHUNK).enumerate() {
            // Another process polls for SQLite's write lock: the pause lets it acquire it.
            tokio::time::sleep(pause).await;
            let begun = clock::monotonic();
            let (provenance, bars) = (self.provenance, chunk.to_vec());
            if let Err(error) = db.write(move |connection| bar::merge(connection, provenance, &bars)).await {
                self.bars().restore(&dirty[number * FLUSH_CHUNK..]);
                return Err(error);
            }
            pause = begun.elapsed().min(MAX_WRITE_PAUSE);
        }
        tracing::debug!(count = dirty.len(), took_ms = started.elapsed().as_millis() as u64, "stored bars");
        // After the bars, which they are found from and which they must not hold up.
        if let Err(error) = self.store_splits(db).await {
            tracing::debug!(%error, "could not compare closes: will retry");
        }
        Ok(())
    }

    /// Compares what the source says of the previous sessions with what was recorded, and stores the splits that this shows.
    async fn store_splits(&self, db: &Db) -> Result<(), Error> {
        let mut openings = self.openings().take();
        openings.sort_by_key(|opening| opening.previous_end.start);
        while let Some(first) = openings.first() {
            let end = first.previous_end.clone();
            let count = openings.iter().take_while(|opening| opening.previous_end == end).count().min(FLUSH_CHUNK);
            if let Err(error) = self.store_splits_of(db, end, openings[..count].to_vec()).await {
                self.openings().restore(openings);
                return Err(error);
            }
            openings.drain(..count);
        }
        Ok(())
    }

    /// The same for days that follow sessions which ended at `end`.
    async fn store_splits_of(&self, db: &Db, end: Range<DateTime<Utc>>, openings: Vec<Opening>) -> Result<(), Error> {
        let provenance = self.provenance;
        let found = db.read(move |connection| shown_splits(connection, provenance, &end, &openings)).await?;
        for (symbol, found) in found {
            if db.write(move |connection| split::store(connection, symbol, found)).await? {
                let Split { day, ratio } = found;
                tracing::info!(%symbol, %day, %ratio, "a split: bars from before it are adjusted");
            }
        }
        Ok(())
    }
}

/// The splits between the closes that were recorded at `end` of a session and what is said of them now.
fn shown_splits(
    connection: &mut DbConnection,
    provenance: Provenance,
    end: &Range<DateTime<Utc>>,
    openings: &[Opening],
) -> Result<Vec<(Symbol, Split)>, Error> {
    let symbols: Vec<Symbol> = openings.iter().map(|opening| opening.symbol).collect();
    let closes = bar::closes_in(connection, provenance, &symbols, end)?;
    let split = |opening: &Opening| {
        let close = closes.get(&opening.symbol)?.last()?;
        Some((opening.symbol, opening.split(close.price)?))
    };
    Ok(openings.iter().filter_map(split).collect())
}

async fn delete_old(db: &Db, older_than: DateTime<Utc>) {
    let mut total = 0;
    loop {
        match db.write(move |connection| bar::sweep(connection, older_than)).await {
            Ok(0) => break,
            Ok(count) => total += count,
            Err(error) => {
                tracing::warn!(%error, "could not delete old bars");
                break;
            }
        }
    }
    if total > 0 {
        tracing::info!(count = total, "deleted old minute bars");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::TickerIndex;
    use watchtape_shared::Price;
    use watchtape_shared::quote::Mode;

    fn tick(symbol: &str) -> Tick {
        let as_of = clock::now();
        Tick {
            symbol: Symbol::parse(symbol).expect("a symbol"),
            price: Price::from_micros(50).expect("a price"),
            as_of,
            day: as_of.date_naive(),
            is_extended: false,
            is_last_only: false,
            starts_over: false,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            source: "test",
            mode: Mode::Simulated,
        }
    }

    #[test]
    fn only_what_is_watched_is_recorded() {
        let (tickers, calendar) =
            (LiveIndex::new(TickerIndex::new(Vec::new())), Calendar::embedded().expect("the embedded table"));
        let is_watched = |symbol: &Symbol| symbol.as_str() == "MSFT";
        let recorder = Recorder::new(Provenance::Simulated, Arc::new(tickers), Arc::new(calendar), is_watched);
        recorder.record(&tick("AAPL"));
        assert!(recorder.bars().take_dirty().is_empty());
        recorder.record(&tick("MSFT"));
        assert!(!recorder.bars().take_dirty().is_empty());
    }
}
