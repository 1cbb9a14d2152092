//! The only writer of prices: takes a provider's ticks, keeps what is new, and publishes it as one round. It runs on one
//! node of a cluster at a time: the one that holds the lease.

use super::provider::{Provider, Tick};
use crate::cluster::last_values::FeedHeartbeat;
use crate::cluster::quote_cache::new_epoch;
use crate::cluster::round::{Entry, Publication};
use crate::cluster::{Node, Refusal, Term};
use crate::db::bar::Provenance;
use crate::search::TickerIndex;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use watchtape_shared::{Price, Quote, Symbol};

/// How far ahead of ours a source's clock may be.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);
/// How often the feed tells how it fares.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// How long to wait after a term that could not begin.
const RETRY: Duration = Duration::from_millis(200);

/// Makes the provider of a term.
pub type OpenProvider = Box<dyn Fn() -> Result<Box<dyn Provider>, String>>;

/// Takes every tick that is published, such as the recorder of bars.
pub type OnTick = Box<dyn Fn(&Tick)>;

/// The feed's task.
pub struct PricePublisher {
    /// This node among the others.
    pub node: Arc<Node>,
    /// The catalogue: prices of other symbols are not published.
    pub tickers: Arc<TickerIndex>,
    /// Takes what is published.
    pub on_tick: OnTick,
    /// Makes the provider anew for each term.
    pub open: OpenProvider,
}

impl PricePublisher {
    /// Publishes the provider's rounds whenever this node is elected, for as long as the process lives. `first` is the
    /// provider of the first term.
    pub async fn run(self, first: Box<dyn Provider>) {
        let mut ready = Some(first);
        loop {
            let term = self.node.cluster.lead().await;
            self.node.last_values.set_runs_feed(true);
            let provider = ready.take().map_or_else(|| (self.open)(), Ok);
            let outcome = match provider {
                Ok(provider) => tokio::select! {
                    outcome = self.serve(&term, provider) => outcome.map_err(|refusal| refusal.to_string()),
                    () = self.node.cluster.until_lost(&term) => Err(Refusal::Lost.to_string()),
                },
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::warn!(fence = term.fence, error, "this node runs the feed no longer");
            }
            self.node.last_values.set_runs_feed(false);
            self.node.cluster.resign().await;
            tokio::time::sleep(RETRY).await;
        }
    }

    /// One term: from the last values on, until something fails.
    async fn serve(&self, term: &Term, mut provider: Box<dyn Provider>) -> Result<(), Refusal> {
        let mut writer = self.writer(term).await?;
        provider.resume(&writer.entries());
        let mut heard_at = None;
        let mut ended = false;
        let mut heartbeats = tokio::time::interval(HEARTBEAT_INTERVAL);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                ticks = provider.next(), if !ended => match ticks {
                    Some(ticks) => {
                        heard_at = Some(Instant::now());
                        if let Some(publication) = writer.publication(&ticks, Utc::now(), |tick| (self.on_tick)(tick)) {
                            self.node.publish(term, publication).await?;
                        }
                    }
                    None => {
                        ended = true;
                        heartbeats.reset_immediately();
                        tracing::info!(source = self.node.last_values.source.source, "the feed has played its recording to the end");
                    }
                },
                _ = heartbeats.tick() => {
                    let silent_ms = heard_at.map(|at: Instant| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX));
                    let heartbeat = FeedHeartbeat { silent_ms, ended, sources: provider.health(), absent: provider.absent() };
                    self.node.publish_heartbeat(term, heartbeat).await?;
                }
            }
        }
    }

    /// Takes up where the last term ended. A store that has lost something is given what this node remembers, as the
    /// beginning of another epoch: what the numbers of the last one counted is not known. So is one that holds prices of
    /// another origin, without them: made prices and real ones are never one series.
    async fn writer(&self, term: &Term) -> Result<Writer, Refusal> {
        let loaded = self.node.load().await?;
        let is_behind = |last: &Publication| {
            let state = self.node.last_values.cache.read();
            last.epoch == state.epoch && last.seq < state.seq
        };
        let origin = Provenance::from(self.node.last_values.source.mode);
        let is_ours = |entry: &Entry| Provenance::from(entry.quote.mode) == origin;
        let mut seed = match loaded {
            Some(last) if !is_behind(&last) => {
                if last.entries.iter().all(is_ours) {
                    return Ok(Writer::new(self.tickers.clone(), last));
                }
                last
            }
            _ => self.node.last_values.cache.read().to_publication(),
        };
        seed.entries.retain(is_ours);
        (seed.epoch, seed.seq, seed.published_at) = (new_epoch(), 1, Utc::now());
        self.node.publish(term, seed.clone()).await?;
        Ok(Writer::new(self.tickers.clone(), seed))
    }
}

/// What the feed remembers between rounds.
struct Writer {
    tickers: Arc<TickerIndex>,
    epoch: Arc<str>,
    seq: u64,
    last: HashMap<Symbol, Entry>,
}

impl Writer {
    fn new(tickers: Arc<TickerIndex>, last: Publication) -> Self {
        let entries = last.entries.into_iter().map(|entry| (entry.quote.symbol, entry));
        Self { tickers, epoch: last.epoch, seq: last.seq, last: entries.collect() }
    }

    fn entries(&self) -> Vec<Entry> {
        self.last.values().cloned().collect()
    }

    /// The ticks as a round; none where nothing in them is news. Those that are believed are recorded.
    fn publication(
        &mut self,
        ticks: &[Tick],
        now: DateTime<Utc>,
        mut record: impl FnMut(&Tick),
    ) -> Option<Publication> {
        // Of a symbol that ticked more than once the round has the last word alone.
        let mut changed: HashMap<Symbol, Entry> = HashMap::new();
        let mut order = Vec::new();
        for tick in ticks {
            let Some(entry) = self.take(tick, now) else { continue };
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

    /// A tick as the symbol's new values; none where it is not to be believed, is old, or changes nothing.
    fn take(&self, tick: &Tick, now: DateTime<Utc>) -> Option<Entry> {
        let ticker = self.tickers.get(&tick.symbol)?;
        if tick.as_of > now + CLOCK_SKEW {
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
        // What is traded before and after hours is a price, but no part of the session's figures.
        let seen = (!tick.is_extended).then_some(tick.price);
        let figure = |given: Option<Price>, of: fn(&Quote) -> Option<Price>, pick: fn(Price, Price) -> Price| {
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
            open: figure(tick.open, |quote| quote.open, |first, _| first),
            high: figure(tick.high, |quote| quote.high, Price::max),
            low: figure(tick.low, |quote| quote.low, Price::min),
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
    use chrono::NaiveDate;
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

    fn writer() -> Writer {
        let tickers = Arc::new(TickerIndex::new(vec![Arc::new(ticker("AAPL"))]));
        let nothing = Publication { epoch: new_epoch(), seq: 0, published_at: Utc::now(), entries: Vec::new() };
        Writer::new(tickers, nothing)
    }

    fn quote(writer: &Writer) -> Quote {
        (*writer.last[&symbol("AAPL")].quote).clone()
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
            let mut writer = writer();
            let mut newest: Option<(i64, i64)> = None;
            let mut rounds = 0;
            for (price, seconds) in times {
                if let Some(publication) = writer.publication(&[tick(price, seconds, 1)], Utc::now(), |_| ()) {
                    rounds += 1;
                    prop_assert_eq!(publication.seq, rounds);
                    prop_assert_eq!(publication.entries.len(), 1);
                }
                if newest.is_none_or(|(_, at)| seconds >= at) {
                    newest = Some((price, seconds));
                }
                let quote = quote(&writer);
                let (price, at) = newest.expect("set above");
                prop_assert_eq!(quote.price, Price::from_micros(price));
                prop_assert_eq!(quote.as_of.map(|as_of| as_of.timestamp()), Some(at));
                prop_assert!(quote.low <= quote.price && quote.price <= quote.high);
            }
        }
    }

    #[test]
    fn a_new_day_keeps_the_last_regular_price_as_the_previous_close() {
        let mut writer = writer();
        let mut late = tick(12, 4, 1);
        late.is_extended = true;
        for tick in [tick(5, 1, 1), tick(9, 2, 1), tick(7, 3, 1), late] {
            assert!(writer.publication(&[tick], Utc::now(), |_| ()).is_some());
        }
        let micros = |price: Option<Price>| price.map(Price::micros);
        let evening = quote(&writer);
        assert_eq!((micros(evening.price), micros(evening.high)), (Some(12), Some(9)), "after hours is no high");
        let mut early = tick(8, 5, 2);
        early.is_extended = true;
        writer.publication(&[early], Utc::now(), |_| ());
        let morning = quote(&writer);
        assert_eq!((micros(morning.previous_close), morning.open), (Some(7), None));
        writer.publication(&[tick(10, 6, 2)], Utc::now(), |_| ());
        let noon = quote(&writer);
        assert_eq!(micros(noon.previous_close), Some(7));
        assert_eq!((micros(noon.open), micros(noon.high), micros(noon.low)), (Some(10), Some(10), Some(10)));
    }

    #[test]
    fn a_round_has_a_symbol_once_and_the_sources_own_figures_count() {
        let mut writer = writer();
        let mut told = tick(6, 2, 1);
        told.high = Price::from_micros(11);
        told.previous_close = Price::from_micros(4);
        let publication = writer.publication(&[tick(5, 1, 1), told], Utc::now(), |_| ()).expect("news");
        assert_eq!(publication.entries.len(), 1);
        let quote = quote(&writer);
        let micros = |price: Option<Price>| price.map(Price::micros);
        assert_eq!((micros(quote.open), micros(quote.high), micros(quote.low)), (Some(5), Some(11), Some(5)));
        assert_eq!(micros(quote.previous_close), Some(4));
    }

    #[test]
    fn the_future_and_the_unknown_are_not_believed() {
        let mut writer = writer();
        let mut ahead = tick(5, 1, 1);
        ahead.as_of = Utc::now() + TimeDelta::minutes(1);
        let mut unknown = tick(5, 1, 1);
        unknown.symbol = symbol("NOPE");
        assert_eq!(writer.publication(&[ahead, unknown], Utc::now(), |_| ()), None);
        assert_eq!(writer.seq, 0);
    }
}
