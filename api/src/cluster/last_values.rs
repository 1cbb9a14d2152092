//! One node's copy of the last values and of the feed's state, and the bus to its worker threads. Requests and
//! connections read it; only rounds, snapshots and heartbeats of the cluster change it.

use super::entry::Entry;
use super::quote_cache::{Applied, QuoteCache, Restored};
use super::round::{Publication, Round};
use super::source_description::{Coverage, PriceSource, UnpricedSymbols};
use super::worker_bus::{BusMessage, WorkerBus};
use crate::clock;
use crate::telemetry::metrics::Metrics;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};
use watchtape_shared::Quote;
use watchtape_shared::market::{self, FeedStatus, SourceHealth};
use watchtape_shared::quote::Reason;
use watchtape_shared::stream::Source;
use watchtape_shared::ticker::Ticker;

/// A source is stale after the longer of this time and this many of its intervals without a batch.
const STALE_AFTER: Duration = Duration::from_secs(10);
const STALE_INTERVALS: u32 = 4;
/// Before the first batch.
const NEVER: i64 = i64::MIN;
/// A time further in the future than this is no difference between clocks.
pub const MAX_CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);

/// How often the feed is told of what it does not know: it may refuse it, as a security that it does not have.
const MAX_OFFERS: u32 = 5;

/// A feed that does not know the newest term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutdatedFeed {
    /// The feed's epoch.
    pub epoch: Arc<str>,
    /// A term that its own must be above.
    pub term: u64,
}

/// What a node holds and the feed does not know.
#[derive(Debug, PartialEq, Eq)]
pub struct Offer {
    /// The feed that is told so, if any.
    pub outdated: Option<OutdatedFeed>,
    /// Entries that are newer than those of the feed, or that it has none for.
    pub entries: Vec<Entry>,
}

/// The feed's state, published every second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedHeartbeat {
    /// Milliseconds since the source's last batch; `None` before the first.
    pub silent_ms: Option<u64>,
    /// Whether the replay has ended.
    pub ended: bool,
    /// The vendors' health, in order of preference.
    pub sources: Vec<SourceHealth>,
    /// Covered symbols without a price, with the reason.
    #[serde(rename = "absent")]
    pub unpriced: UnpricedSymbols,
}

/// The node's copy of the feed's state.
pub struct LastValues {
    /// The source's name and mode.
    pub source: Source,
    /// The last values.
    pub cache: QuoteCache,
    /// The rounds for the worker threads.
    pub bus: WorkerBus,
    metrics: Arc<Metrics>,
    coverage: Coverage,
    stale_after: TimeDelta,
    started: Instant,
    /// When the last batch came, in microseconds since `started`, by the monotonic clock; `NEVER` before the first.
    received_at_micros: AtomicI64,
    has_joined: AtomicBool,
    ended: AtomicBool,
    degraded: AtomicBool,
    runs_feed: AtomicBool,
    /// How often the feed is still to be told of what it does not know.
    offers_left: AtomicU32,
    /// The feed whose term is not above the one that this node knows.
    outdated: Mutex<Option<OutdatedFeed>>,
    sources: RwLock<Vec<SourceHealth>>,
    unpriced: RwLock<UnpricedSymbols>,
}

impl LastValues {
    /// Empty last values of this source.
    pub fn new(source: PriceSource, metrics: Arc<Metrics>) -> Self {
        let stale_after = STALE_AFTER.max(source.interval * STALE_INTERVALS);
        Self {
            source: Source { source: source.name.to_owned(), mode: source.mode },
            cache: QuoteCache::default(),
            bus: WorkerBus::default(),
            metrics,
            coverage: source.coverage,
            stale_after: TimeDelta::from_std(stale_after).unwrap_or(TimeDelta::MAX),
            started: clock::monotonic(),
            received_at_micros: AtomicI64::new(NEVER),
            has_joined: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            degraded: AtomicBool::new(false),
            runs_feed: AtomicBool::new(false),
            offers_left: AtomicU32::new(0),
            outdated: Mutex::default(),
            sources: RwLock::default(),
            unpriced: RwLock::default(),
        }
    }

    /// Applies a round and sends it to the workers. Returns whether a snapshot is needed, because rounds are missing or
    /// the epoch is another.
    #[must_use]
    pub fn apply(&self, publication: Publication) -> bool {
        match self.cache.apply(publication) {
            Applied::New(round, gap) => {
                self.received_at_micros.store(self.elapsed_micros(), Ordering::Relaxed);
                self.send_to_workers(round);
                gap
            }
            Applied::Old => false,
            Applied::OtherEpoch => true,
            Applied::OlderTerm(epoch) => {
                self.tell_outdated(epoch);
                false
            }
        }
    }

    /// Has the feed of this epoch told that its term is not the newest.
    fn tell_outdated(&self, epoch: Arc<str>) {
        let term = self.cache.read().term;
        *self.outdated() = Some(OutdatedFeed { epoch, term });
        self.offers_left.store(MAX_OFFERS, Ordering::Relaxed);
    }

    fn outdated(&self) -> MutexGuard<'_, Option<OutdatedFeed>> {
        self.outdated.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the feed is to be told; `None` where it knows all, or has been told often enough.
    pub fn next_offer(&self) -> Option<Offer> {
        let is_due = |left: u32| left.checked_sub(1);
        self.offers_left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, is_due).ok()?;
        let outdated = self.outdated().clone();
        Some(Offer { outdated, entries: self.cache.read().ahead() })
    }

    /// Applies a snapshot, after a start, a gap or a reconnection.
    pub fn restore(&self, snapshot: Publication) {
        match self.cache.restore(snapshot) {
            Restored::Changes(round) => self.send_to_workers(round),
            Restored::OlderTerm(epoch) => self.tell_outdated(epoch),
            Restored::NewEpoch => {
                *self.outdated() = None;
                let is_ahead = !self.cache.read().ahead().is_empty();
                self.offers_left.store(if is_ahead { MAX_OFFERS } else { 0 }, Ordering::Relaxed);
                self.metrics.feed.fragments_encoded.inc_by(self.cache.read().updates.len() as u64);
                self.bus.send(BusMessage::Restarted);
            }
        }
    }

    fn send_to_workers(&self, round: Round) {
        self.metrics.feed.rounds.inc();
        let lag = clock::now() - round.published_at;
        self.metrics.feed.lag.set(lag.as_seconds_f64().max(0.0));
        self.metrics.feed.fragments_encoded.inc_by(round.updates.len() as u64);
        self.bus.send(BusMessage::Round(Arc::new(round)));
    }

    /// Applies a heartbeat of the feed.
    pub fn apply_heartbeat(&self, heartbeat: FeedHeartbeat) {
        if let Some(silent_ms) = heartbeat.silent_ms {
            let silent = i64::try_from(silent_ms).unwrap_or(i64::MAX).saturating_mul(1_000);
            self.received_at_micros.fetch_max(self.elapsed_micros().saturating_sub(silent), Ordering::Relaxed);
        }
        self.ended.store(heartbeat.ended, Ordering::Relaxed);
        *self.sources.write().unwrap_or_else(PoisonError::into_inner) = heartbeat.sources;
        *self.unpriced.write().unwrap_or_else(PoisonError::into_inner) = heartbeat.unpriced;
    }

    /// Sets whether this node is disconnected from the cluster.
    pub fn set_degraded(&self, degraded: bool) {
        self.degraded.store(degraded, Ordering::Relaxed);
    }

    /// Whether this node is disconnected from the cluster and answers from its own copy.
    pub fn is_degraded(&self) -> bool {
        self.degraded.load(Ordering::Relaxed)
    }

    /// Sets whether this node runs the feed.
    pub fn set_runs_feed(&self, runs: bool) {
        self.runs_feed.store(runs, Ordering::Relaxed);
    }

    /// Whether this node runs the feed.
    pub fn runs_feed(&self) -> bool {
        self.runs_feed.load(Ordering::Relaxed)
    }

    fn elapsed_micros(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_micros()).unwrap_or(i64::MAX)
    }

    /// Notes that this node has seen what the others know, or that there is nothing.
    pub fn set_joined(&self) {
        self.has_joined.store(true, Ordering::Relaxed);
    }

    /// Whether this node has seen what the others know.
    pub fn has_joined(&self) -> bool {
        self.has_joined.load(Ordering::Relaxed)
    }

    /// The state of the feed now.
    pub fn status(&self) -> market::Feed {
        let (status, age) = self.health();
        let state = self.cache.read();
        market::Feed {
            source: self.source.source.clone(),
            mode: self.source.mode,
            status,
            epoch: state.epoch.to_string(),
            term: state.term,
            seq: state.seq,
            age_ms: age.map(|age| age.num_milliseconds().unsigned_abs()),
            degraded: self.is_degraded(),
            sources: self.sources.read().unwrap_or_else(PoisonError::into_inner).clone(),
        }
    }

    /// The feed's status, and the time since its last batch, by the monotonic clock. Called for every quote, so that it takes
    /// no lock.
    fn health(&self) -> (FeedStatus, Option<TimeDelta>) {
        let received_at = Some(self.received_at_micros.load(Ordering::Relaxed)).filter(|at| *at != NEVER);
        let age = received_at.map(|at| TimeDelta::microseconds(self.elapsed_micros().saturating_sub(at).max(0)));
        let status = match age {
            _ if self.ended.load(Ordering::Relaxed) => FeedStatus::Ended,
            None => FeedStatus::Starting,
            Some(age) if age > self.stale_after => FeedStatus::Stale,
            Some(_) => FeedStatus::Running,
        };
        (status, age)
    }

    /// Whether last values are stale.
    pub fn is_stale(&self) -> bool {
        matches!(self.health().0, FeedStatus::Stale | FeedStatus::Ended)
    }

    /// The quote of a security.
    pub fn quote(&self, ticker: &Ticker) -> Quote {
        let known = self.cache.read().updates.get(&ticker.symbol).map(|update| update.entry.quote.clone());
        self.present(ticker, known.as_deref())
    }

    /// `known` with its staleness, or a quote without a price, with the reason.
    pub fn present(&self, ticker: &Ticker, known: Option<&Quote>) -> Quote {
        if let Some(quote) = known {
            // What is dated in the future was dated by a clock that has been set since: it is not fresh.
            let is_ahead = quote.as_of.is_some_and(|as_of| as_of > clock::now() + MAX_CLOCK_SKEW);
            return Quote { stale: quote.stale || is_ahead || self.is_stale(), ..quote.clone() };
        }
        let covered = match &self.coverage {
            Coverage::All => true,
            Coverage::Only(symbols) => symbols.contains(&ticker.symbol),
            Coverage::Where(is_covered) => is_covered(ticker),
        };
        let unpriced_reason = self.unpriced.read().unwrap_or_else(PoisonError::into_inner).get(&ticker.symbol).copied();
        let reason = match self.health().0 {
            _ if !covered => Reason::NotCovered,
            FeedStatus::Stale => Reason::SourceDown,
            FeedStatus::Starting if self.is_degraded() => Reason::SourceDown,
            _ => unpriced_reason.unwrap_or(Reason::NoData),
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
