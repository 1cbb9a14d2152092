//! The task that stores bars: what the feed gives its ticks to, and what the server flushes when it stops.

use super::bars::Bars;
use crate::db::bar::{self, Provenance};
use crate::db::{Db, Error};
use crate::feed::provider::Tick;
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;
use watchtape_shared::Symbol;

/// How often what changed is stored.
const FLUSH_INTERVAL: Duration = Duration::from_secs(5);
/// How many bars one transaction stores: others write in between.
const FLUSH_CHUNK: usize = 500;
/// The longest pause between two of them.
const MAX_PAUSE: Duration = Duration::from_millis(250);
/// How often old bars are forgotten.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Records ticks as bars and stores these.
pub struct Recorder {
    origin: Provenance,
    bars: Mutex<Bars>,
    is_watched: Box<dyn Fn(&Symbol) -> bool + Send + Sync>,
    /// Held while bars are stored, so that who stops the server waits for what is under way.
    storing: tokio::sync::Mutex<()>,
}

impl Recorder {
    /// A recorder of prices of this origin, for the symbols for which `is_watched` says so; asked for every tick, so it is to be quick.
    pub fn new(origin: Provenance, is_watched: impl Fn(&Symbol) -> bool + Send + Sync + 'static) -> Self {
        Self {
            origin,
            bars: Mutex::default(),
            is_watched: Box::new(is_watched),
            storing: tokio::sync::Mutex::default(),
        }
    }

    /// Records a tick that the feed believes, if somebody watches its symbol.
    pub fn record(&self, tick: &Tick) {
        if (self.is_watched)(&tick.symbol) {
            self.bars().record(tick);
        }
    }

    fn bars(&self) -> MutexGuard<'_, Bars> {
        self.bars.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores what changed every few seconds, and forgets bars of a minute that are older than `retention`. Never ends.
    pub async fn keep(self: Arc<Self>, db: Db, retention: Option<TimeDelta>) {
        // Not at once: a server that starts has enough to do.
        let mut interval = tokio::time::interval_at(tokio::time::Instant::now() + FLUSH_INTERVAL, FLUSH_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut is_failing, mut swept_at): (bool, Option<Instant>) = (false, None);
        loop {
            interval.tick().await;
            let stored = self.flush_now(&db).await;
            match &stored {
                Ok(()) if is_failing => tracing::info!("bars are stored again"),
                // Said once, not every few seconds.
                Err(error) if !is_failing => tracing::warn!(%error, "could not store bars: they wait"),
                _ => {}
            }
            is_failing = stored.is_err();
            let given_up = self.bars().take_given_up();
            if given_up > 0 {
                tracing::warn!(given_up, "too many bars were waiting: the oldest are lost");
            }
            let is_due = swept_at.is_none_or(|at| at.elapsed() >= SWEEP_INTERVAL);
            if let Some(retention) = retention.filter(|_| is_due && !is_failing) {
                swept_at = Some(Instant::now());
                sweep(&db, Utc::now() - retention).await;
            }
        }
    }

    /// Stores what changed. On an error what is not stored waits for the next time.
    pub async fn flush_now(&self, db: &Db) -> Result<(), Error> {
        let _storing = self.storing.lock().await;
        let dirty = self.bars().take_dirty();
        let started = Instant::now();
        let mut pause = Duration::ZERO;
        for (number, chunk) in dirty.chunks(FLUSH_CHUNK).enumerate() {
            // Another process that waits for SQLite's one writer looks for it now and then: it is to find it free.
            tokio::time::sleep(pause).await;
            let begun = Instant::now();
            let (origin, bars) = (self.origin, chunk.to_vec());
            if let Err(error) = db.write(move |connection| bar::merge(connection, origin, &bars)).await {
                self.bars().put_back(&dirty[number * FLUSH_CHUNK..]);
                return Err(error);
            }
            pause = begun.elapsed().min(MAX_PAUSE);
        }
        tracing::debug!(count = dirty.len(), took_ms = started.elapsed().as_millis() as u64, "stored bars");
        Ok(())
    }
}

async fn sweep(db: &Db, older_than: DateTime<Utc>) {
    let mut total = 0;
    loop {
        match db.write(move |connection| bar::sweep(connection, older_than)).await {
            Ok(0) => break,
            Ok(count) => total += count,
            Err(error) => {
                tracing::warn!(%error, "could not sweep old bars");
                break;
            }
        }
    }
    if total > 0 {
        tracing::info!(count = total, "forgot old bars of a minute");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchtape_shared::Price;
    use watchtape_shared::quote::Mode;

    fn tick(symbol: &str) -> Tick {
        let as_of = Utc::now();
        Tick {
            symbol: Symbol::parse(symbol).expect("a symbol"),
            price: Price::from_micros(50).expect("a price"),
            as_of,
            day: as_of.date_naive(),
            is_extended: false,
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
        let recorder = Recorder::new(Provenance::Simulated, |symbol: &Symbol| symbol.as_str() == "MSFT");
        recorder.record(&tick("AAPL"));
        assert!(recorder.bars().take_dirty().is_empty());
        recorder.record(&tick("MSFT"));
        assert!(!recorder.bars().take_dirty().is_empty());
    }
}
