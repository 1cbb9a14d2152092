//! What one node knows of prices: the last values, how the feed fares, and the way to its worker threads. Requests and
//! sockets read here; rounds come in from the cluster, and nothing else writes.

use super::price_source::{Absent, Coverage, PriceSource};
use super::quote_cache::{Applied, QuoteCache};
use super::round::{Publication, Round};
use super::worker_bus::{BusMessage, WorkerBus};
use crate::telemetry::metrics::Metrics;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use watchtape_shared::Quote;
use watchtape_shared::market::{self, FeedStatus, SourceHealth};
use watchtape_shared::quote::Reason;
use watchtape_shared::stream::Source;
use watchtape_shared::ticker::Ticker;

/// A source that has been silent for so long, and for several of its own intervals, is stale.
const STALE_AFTER: Duration = Duration::from_secs(10);
const STALE_INTERVALS: u32 = 4;

/// What the feed says of itself between rounds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedHeartbeat {
    /// Milliseconds since the source was last heard; none where it has not been.
    pub silent_ms: Option<u64>,
    /// Whether the recording has been played to its end.
    pub ended: bool,
    /// The upstream sources, in the order in which they are asked.
    pub sources: Vec<SourceHealth>,
    /// What a source covers and has no price of after all.
    pub absent: Absent,
}

/// The node's view of the feed.
pub struct LastValues {
    /// Where prices come from.
    pub source: Source,
    /// The last values.
    pub cache: QuoteCache,
    /// Rounds as they come.
    pub bus: WorkerBus,
    metrics: Arc<Metrics>,
    coverage: Coverage,
    stale_after: TimeDelta,
    heard_at_micros: AtomicI64,
    ended: AtomicBool,
    degraded: AtomicBool,
    runs_feed: AtomicBool,
    sources: RwLock<Vec<SourceHealth>>,
    absent: RwLock<Absent>,
}

impl LastValues {
    /// No values yet, from this source.
    pub fn new(source: PriceSource, metrics: Arc<Metrics>) -> Self {
        let stale_after = STALE_AFTER.max(source.interval * STALE_INTERVALS);
        Self {
            source: Source { source: source.name.to_owned(), mode: source.mode },
            cache: QuoteCache::default(),
            bus: WorkerBus::default(),
            metrics,
            coverage: source.coverage,
            stale_after: TimeDelta::from_std(stale_after).unwrap_or(TimeDelta::MAX),
            heard_at_micros: AtomicI64::new(0),
            ended: AtomicBool::new(false),
            degraded: AtomicBool::new(false),
            runs_feed: AtomicBool::new(false),
            sources: RwLock::default(),
            absent: RwLock::default(),
        }
    }

    /// Takes a round in and passes it on to the workers. Says whether a snapshot is needed: rounds are missing, or the
    /// round is of another epoch.
    #[must_use]
    pub fn apply(&self, publication: Publication) -> bool {
        match self.cache.apply(publication) {
            Applied::New(round, gap) => {
                self.heard_at_micros.store(Utc::now().timestamp_micros(), Ordering::Relaxed);
                self.pass_on(round);
                gap
            }
            Applied::Old => false,
            Applied::Foreign => true,
        }
    }

    /// Takes a snapshot in, after a start or a loss of the cluster.
    pub fn restore(&self, snapshot: Publication) {
        match self.cache.restore(snapshot) {
            Some(round) => self.pass_on(round),
            None => {
                self.metrics.fragments_encoded.inc_by(self.cache.read().updates.len() as u64);
                self.bus.send(BusMessage::Restarted);
            }
        }
    }

    fn pass_on(&self, round: Round) {
        self.metrics.rounds.inc();
        self.metrics.fragments_encoded.inc_by(round.updates.len() as u64);
        self.bus.send(BusMessage::Round(Arc::new(round)));
    }

    /// Takes in what the feed says of itself.
    pub fn apply_heartbeat(&self, heartbeat: FeedHeartbeat) {
        let heard_at = heartbeat.silent_ms.map_or(0, |silent| {
            let silent = TimeDelta::milliseconds(i64::try_from(silent).unwrap_or(i64::MAX / 1_000_000));
            (Utc::now() - silent).timestamp_micros()
        });
        self.heard_at_micros.fetch_max(heard_at, Ordering::Relaxed);
        self.ended.store(heartbeat.ended, Ordering::Relaxed);
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = heartbeat.sources;
        *self.absent.write().unwrap_or_else(PoisonError::into_inner) = heartbeat.absent;
    }

    /// Notes whether this node is cut off from the cluster.
    pub fn set_degraded(&self, degraded: bool) {
        self.degraded.store(degraded, Ordering::Relaxed);
    }

    /// Whether this node is cut off from the cluster: it answers from its memory.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Notes whether this node runs the feed.
    pub fn set_runs_feed(&self, runs: bool) {
        self.runs_feed.store(runs, Ordering::Relaxed);
    }

    /// Whether this node runs the feed.
    pub fn runs_feed(&self) -> bool {
        self.runs_feed.load(Ordering::Relaxed)
    }

    /// The state of the feed at a moment.
    pub fn status(&self, now: DateTime<Utc>) -> market::Feed {
        let (status, age) = self.health(now);
        market::Feed {
            source: self.source.source.clone(),
            mode: self.source.mode,
            status,
            seq: self.cache.read().seq,
            age_ms: age.map(|age| age.num_milliseconds().unsigned_abs()),
            degraded: self.is_degraded(),
            sources: self.sources.read().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// How the feed fares, and how long ago it was heard. Asked for every quote, so it takes no lock and copies nothing.
    fn health(&self, now: DateTime<Utc>) -> (FeedStatus, Option<TimeDelta>) {
        let heard_at = DateTime::from_timestamp_micros(self.heard_at_micros.load(Ordering::Relaxed));
        let age = heard_at.filter(|at| *at != DateTime::UNIX_EPOCH).map(|at| (now - at).max(TimeDelta::zero()));
        let status = match age {
            _ if self.ended.load(Ordering::Relaxed) => FeedStatus::Ended,
            None => FeedStatus::Starting,
            Some(age) if age > self.stale_after => FeedStatus::Stale,
            Some(_) => FeedStatus::Running,
        };
        (status, age)
    }

    /// Whether last values are to be marked stale.
    pub fn is_stale(&self) -> bool {
        matches!(self.health(Utc::now()).0, FeedStatus::Stale | FeedStatus::Ended)
    }

    /// Names the last values as they are now: another name where any price or its staleness has changed.
    pub fn version(&self) -> String {
        let stale = if self.is_stale() { ".stale" } else { "" };
        let state = self.cache.read();
        format!("{}.{}{stale}", state.epoch, state.seq)
    }

    /// The last that is known of a security.
    pub fn quote(&self, ticker: &Ticker) -> Quote {
        let known = self.cache.read().updates.get(&ticker.symbol).map(|update| update.entry.quote.clone());
        self.present(ticker, known.as_deref())
    }

    /// A quote for a reader: the last values with their staleness, or none with the reason.
    pub fn present(&self, ticker: &Ticker, known: Option<&Quote>) -> Quote {
        if let Some(quote) = known {
            return Quote { stale: self.is_stale(), ..quote.clone() };
        }
        let covered = match &self.coverage {
            Coverage::All => true,
            Coverage::Only(symbols) => symbols.contains(&ticker.symbol),
        };
        let told = self.absent.read().unwrap_or_else(PoisonError::into_inner).get(&ticker.symbol).copied();
        let reason = match self.health(Utc::now()).0 {
            _ if !covered => Reason::NotCovered,
            FeedStatus::Stale => Reason::SourceDown,
            FeedStatus::Starting if self.is_degraded() => Reason::SourceDown,
            _ => told.unwrap_or(Reason::NoData),
        };
        Quote {
            symbol: ticker.symbol,
            price: None,
            currency: ticker.currency,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            as_of: None,
            source: self.source.source.clone(),
            mode: self.source.mode,
            stale: false,
            reason: Some(reason),
        }
    }
}
