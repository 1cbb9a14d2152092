//! The only writer of prices: turns each batch of a provider's ticks into a round of changed symbols and publishes it.
//! Runs on one node of a cluster at a time: the one that holds the lease.

use super::provider::{Provider, Tick};
use crate::clock::{self, StepDetector};
use crate::cluster::entry::Entry;
use crate::cluster::last_values::{FeedHeartbeat, MAX_CLOCK_SKEW};
use crate::cluster::quote_cache::new_epoch;
use crate::cluster::round::Publication;
use crate::cluster::{ClusterError, Lease, Node};
use crate::db::bar::Provenance;
use crate::search::TickerIndex;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use watchtape_shared::{Price, Quote, Symbol};

/// How often the feed's state is published.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// The delay before the next term.
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// Opens the provider of a term.
pub type OpenProvider = Box<dyn Fn() -> Result<Box<dyn Provider>, String>>;

/// Called with every accepted tick; the bar recorder uses it.
pub type OnTick = Box<dyn Fn(&Tick)>;

/// The task that runs the feed.
pub struct PricePublisher {
    /// This node of the cluster.
    pub node: Arc<Node>,
    /// The catalogue. Prices of other symbols are dropped.
    pub tickers: Arc<TickerIndex>,
    /// Called with every accepted tick.
    pub on_tick: OnTick,
    /// Opens the provider of each term but the first.
    pub open_provider: OpenProvider,
}

impl PricePublisher {
    /// Runs a term whenever this node holds the lease. Never returns. `opened` is the provider of the first term.
    pub async fn run(&self, mut opened: Option<Box<dyn Provider>>) {
        // A run before this one may have ended in the middle of a term.
        self.node.last_values.set_runs_feed(false);
        self.node.cluster.release_lease().await;
        loop {
            let lease = self.node.cluster.acquire_lease().await;
            self.node.last_values.set_runs_feed(true);
            let provider = opened.take().map_or_else(|| (self.open_provider)(), Ok);
            let outcome = match provider {
                Ok(provider) => tokio::select! {
                    outcome = self.run_term(&lease, provider) => outcome.map_err(|error| error.to_string()),
                    () = self.node.cluster.renew_until_lost(&lease) => Err(ClusterError::LeaseLost.to_string()),
                },
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(fence = lease.fence, error, "this node no longer runs the feed");
            }
            self.node.last_values.set_runs_feed(false);
            self.node.cluster.release_lease().await;
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }

    /// Runs one term from the last values on, until publishing fails.
    async fn run_term(&self, lease: &Lease, mut provider: Box<dyn Provider>) -> Result<(), ClusterError> {
        let mut builder = self.open_builder(lease).await?;
        provider.resume(&builder.entries());
        let mut last_batch_at = None;
        let mut ended = false;
        let mut steps = StepDetector::new(clock::now(), clock::monotonic());
        let mut heartbeats = tokio::time::interval(HEARTBEAT_INTERVAL);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                ticks = provider.next(), if !ended => match ticks {
                    Some(ticks) => {
                        last_batch_at = Some(Instant::now());
                        if let Some(publication) = builder.build(&ticks, clock::now(), |tick| (self.on_tick)(tick)) {
                            self.node.publish(lease, publication).await?;
                        }
                    }
                    None => {
                        ended = true;
                        heartbeats.reset_immediately();
                        tracing::info!(source = self.node.last_values.source.source, "the replay has ended");
                    }
                },
                _ = heartbeats.tick() => {
                    if let Some(step) = steps.step(clock::now(), clock::monotonic()) {
                        tracing::warn!(seconds = step.num_seconds(), "the clock has been set: a new epoch begins");
                        self.node.publish(lease, builder.begin_epoch(clock::now())).await?;
                    }
                    let silent = last_batch_at.map(|at: Instant| at.elapsed().as_millis());
                    let silent_ms = silent.map(|silent| u64::try_from(silent).unwrap_or(u64::MAX));
                    let (sources, unpriced) = (provider.health(), provider.unpriced());
                    let heartbeat = FeedHeartbeat { silent_ms, ended, sources, unpriced };
                    self.node.publish_heartbeat(lease, heartbeat).await?;
                }
            }
        }
    }

    /// Resumes from the stored last values. Starts a new epoch where the store is empty or behind this node's own copy
    /// (then from that copy), or where it has prices of another provenance (then without those: simulated and real
    /// prices never mix).
    async fn open_builder(&self, lease: &Lease) -> Result<RoundBuilder, ClusterError> {
        let loaded = self.node.load().await?;
        let is_behind = |last: &Publication| {
            let state = self.node.last_values.cache.read();
            last.epoch == state.epoch && last.seq < state.seq
        };
        let provenance = Provenance::from(self.node.last_values.source.mode);
        let has_same_provenance = |entry: &Entry| Provenance::from(entry.quote.mode) == provenance;
        let mut seed = match loaded {
            Some(last) if !is_behind(&last) => {
                if last.entries.iter().all(has_same_provenance) {
                    return Ok(RoundBuilder::new(self.tickers.clone(), last));
                }
                last
            }
            _ => self.node.last_values.cache.read().to_publication(),
        };
        seed.entries.retain(has_same_provenance);
        (seed.epoch, seed.seq, seed.published_at) = (new_epoch(), 1, clock::now());
        self.node.publish(lease, seed.clone()).await?;
        Ok(RoundBuilder::new(self.tickers.clone(), seed))
    }
}

/// Builds rounds; keeps the last entry of each symbol.
struct RoundBuilder {
    tickers: Arc<TickerIndex>,
    epoch: Arc<str>,
    seq: u64,
    last: HashMap<Symbol, Entry>,
}

impl RoundBuilder {
    fn new(tickers: Arc<TickerIndex>, last: Publication) -> Self {
        let entries = last.entries.into_iter().map(|entry| (entry.quote.symbol, entry));
        Self { tickers, epoch: last.epoch, seq: last.seq, last: entries.collect() }
    }

    fn entries(&self) -> Vec<Entry> {
        self.last.values().cloned().collect()
    }

    /// Begins a new epoch, after the wall clock has been set, and returns all of its values. What is dated in the future is
    /// dated now, so that the next tick, which is dated by the clock as it is, is not an older one.
    fn begin_epoch(&mut self, now: DateTime<Utc>) -> Publication {
        (self.epoch, self.seq) = (new_epoch(), 1);
        for entry in self.last.values_mut().filter(|entry| entry.quote.as_of.is_some_and(|as_of| as_of > now)) {
            Arc::make_mut(&mut entry.quote).as_of = Some(now);
            entry.day = entry.day.min(now.date_naive());
        }
        Publication { epoch: self.epoch.clone(), seq: self.seq, published_at: now, entries: self.entries() }
    }

    /// The ticks as a round; `None` where nothing changed. Calls `record` with each accepted tick.
    fn build(&mut self, ticks: &[Tick], now: DateTime<Utc>, mut record: impl FnMut(&Tick)) -> Option<Publication> {
        // A symbol with several ticks is in the round once, with the last.
        let mut changed: HashMap<Symbol, Entry> = HashMap::new();
        let mut order = Vec::new();
        for tick in ticks {
            let Some(entry) = self.accept(tick, now) else { continue };
            record(tick);
            self.last.insert(tick.symbol, entry.clone());
            if changed.insert(tick.symbol, entry).is_none() {
                order.push(tick.symbol);
            }
        }
        if order.is_empty() {
            return None;
        }
        self.seq += 1;
        let entries = order.iter().filter_map(|symbol| changed.remove(symbol)).collect();
        Some(Publication { epoch: self.epoch.clone(), seq: self.seq, published_at: now, entries })
    }

    /// The symbol's new entry; `None` where the tick is of an unknown symbol, in the future, older or unchanged.
    fn accept(&self, tick: &Tick, now: DateTime<Utc>) -> Option<Entry> {
        let ticker = self.tickers.get(&tick.symbol)?;
        if tick.as_of > now + MAX_CLOCK_SKEW {
            return None;
        }
        let known = self.last.get(&tick.symbol);
        let same_day = known.filter(|entry| entry.day == tick.day);
        if let Some(Entry { day, quote, .. }) = known {
            let older = *day > tick.day || quote.as_of.is_some_and(|as_of| as_of > tick.as_of);
            let unchanged = quote.price == Some(tick.price) && quote.as_of == Some(tick.as_of);
            if older || unchanged {
                return None;
            }
        }
        // Prices outside regular hours do not count for open, high and low.
        let seen = (!tick.is_extended).then_some(tick.price);
        let day_value = |given: Option<Price>, of: fn(&Quote) -> Option<Price>, pick: fn(Price, Price) -> Price| {
            let known = same_day.and_then(|entry| of(&entry.quote));
            [given, known, seen].into_iter().flatten().reduce(pick)
        };
        let previous_close = match (tick.previous_close, same_day) {
            (Some(price), _) => Some(price),
            (None, Some(entry)) => entry.quote.previous_close,
            (None, None) => known.and_then(|entry| entry.close.or(entry.quote.price)),
        };
        let quote = Quote {
            symbol: tick.symbol,
            price: Some(tick.price),
            currency: ticker.currency,
            previous_close,
            open: day_value(tick.open, |quote| quote.open, |first, _| first),
            high: day_value(tick.high, |quote| quote.high, Price::max),
            low: day_value(tick.low, |quote| quote.low, Price::min),
            volume: tick.volume.or_else(|| same_day.and_then(|entry| entry.quote.volume)),
            as_of: Some(tick.as_of),
            source: tick.source.to_owned(),
            mode: tick.mode,
            stale: false,
            reason: None,
        };
        let close = seen.or_else(|| same_day.and_then(|entry| entry.close));
        Some(Entry { day: tick.day, close, quote: Arc::new(quote) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeDelta};
    use proptest::prelude::*;
    use watchtape_shared::Currency;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::ticker::Ticker;

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).expect("a symbol")
    }

    fn ticker(text: &str) -> Ticker {
        Ticker {
            symbol: symbol(text),
            name: text.to_owned(),
            mic: None,
            currency: Currency::USD,
            country: None,
            isin: None,
            sector: None,
            indices: Vec::new(),
            rank: 1,
        }
    }

    fn builder() -> RoundBuilder {
        let tickers = Arc::new(TickerIndex::new(vec![Arc::new(ticker("AAPL"))]));
        let empty = Publication { epoch: new_epoch(), seq: 0, published_at: clock::now(), entries: Vec::new() };
        RoundBuilder::new(tickers, empty)
    }

    fn quote(builder: &RoundBuilder) -> Quote {
        (*builder.last[&symbol("AAPL")].quote).clone()
    }

    fn tick(price: i64, seconds: i64, day: u32) -> Tick {
        Tick {
            symbol: symbol("AAPL"),
            price: Price::from_micros(price).expect("a price"),
            as_of: DateTime::from_timestamp(seconds, 0).expect("a time"),
            day: NaiveDate::from_ymd_opt(2026, 1, day).expect("a day"),
            is_extended: false,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            source: "test",
            mode: Mode::Replay,
        }
    }

    proptest! {
        /// Ticks in any order: the last values are those of the newest tick, the day's range holds the price, and the
        /// rounds count up by one each.
        #[test]
        fn the_newest_tick_wins(times in prop::collection::vec((1..1_000_000i64, 0..50i64), 1..40)) {
            let mut builder = builder();
            let mut newest: Option<(i64, i64)> = None;
            let mut rounds = 0;
            for (price, seconds) in times {
                if let Some(publication) = builder.build(&[tick(price, seconds, 1)], clock::now(), |_| ()) {
                    rounds += 1;
                    prop_assert_eq!(publication.seq, rounds);
                    prop_assert_eq!(publication.entries.len(), 1);
                }
                if newest.is_none_or(|(_, at)| seconds >= at) {
                    newest = Some((price, seconds));
                }
                let quote = quote(&builder);
                let (price, at) = newest.expect("set above");
                prop_assert_eq!(quote.price, Price::from_micros(price));
                prop_assert_eq!(quote.as_of.map(|as_of| as_of.timestamp()), Some(at));
                prop_assert!(quote.low <= quote.price && quote.price <= quote.high);
            }
        }
    }

    #[test]
    fn a_new_day_keeps_the_last_regular_price_as_the_previous_close() {
        let mut builder = builder();
        let mut late = tick(12, 4, 1);
        late.is_extended = true;
        for tick in [tick(5, 1, 1), tick(9, 2, 1), tick(7, 3, 1), late] {
            assert!(builder.build(&[tick], clock::now(), |_| ()).is_some());
        }
        let micros = |price: Option<Price>| price.map(Price::micros);
        let evening = quote(&builder);
        assert_eq!((micros(evening.price), micros(evening.high)), (Some(12), Some(9)), "after hours is no high");
        let mut early = tick(8, 5, 2);
        early.is_extended = true;
        builder.build(&[early], clock::now(), |_| ());
        let morning = quote(&builder);
        assert_eq!((micros(morning.previous_close), morning.open), (Some(7), None));
        builder.build(&[tick(10, 6, 2)], clock::now(), |_| ());
        let noon = quote(&builder);
        assert_eq!(micros(noon.previous_close), Some(7));
        assert_eq!((micros(noon.open), micros(noon.high), micros(noon.low)), (Some(10), Some(10), Some(10)));
    }

    #[test]
    fn a_round_has_each_symbol_once_and_the_sources_open_high_and_low_win() {
        let mut builder = builder();
        let mut update = tick(6, 2, 1);
        update.high = Price::from_micros(11);
        update.previous_close = Price::from_micros(4);
        let publication = builder.build(&[tick(5, 1, 1), update], clock::now(), |_| ()).expect("a round");
        assert_eq!(publication.entries.len(), 1);
        let quote = quote(&builder);
        let micros = |price: Option<Price>| price.map(Price::micros);
        assert_eq!((micros(quote.open), micros(quote.high), micros(quote.low)), (Some(5), Some(11), Some(5)));
        assert_eq!(micros(quote.previous_close), Some(4));
    }

    #[test]
    fn a_clock_that_was_set_back_begins_an_epoch_in_which_prices_move() {
        let mut builder = builder();
        let now = clock::now();
        let at = |as_of: DateTime<Utc>, price| {
            let mut tick = tick(price, 0, 1);
            (tick.as_of, tick.day) = (as_of, as_of.date_naive());
            tick
        };
        builder.build(&[at(now, 5)], now, |_| ()).expect("a round");
        let (epoch, set_back) = (builder.epoch.clone(), now - TimeDelta::hours(30));
        assert!(builder.build(&[at(set_back, 6)], set_back, |_| ()).is_none(), "older than what is known");
        let begun = builder.begin_epoch(set_back);
        assert_ne!(begun.epoch, epoch);
        assert_eq!((begun.seq, begun.entries.len()), (1, 1));
        assert_eq!(begun.entries[0].quote.as_of, Some(set_back));
        let next = builder.build(&[at(set_back + TimeDelta::seconds(1), 7)], set_back, |_| ()).expect("a round");
        assert_eq!((next.seq, next.epoch), (2, begun.epoch));
    }

    #[test]
    fn future_ticks_and_unknown_symbols_are_dropped() {
        let mut builder = builder();
        let mut ahead = tick(5, 1, 1);
        ahead.as_of = clock::now() + TimeDelta::minutes(1);
        let mut unknown = tick(5, 1, 1);
        unknown.symbol = symbol("NOPE");
        assert_eq!(builder.build(&[ahead, unknown], clock::now(), |_| ()), None);
        assert_eq!(builder.seq, 0);
    }
}
