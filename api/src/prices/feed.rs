//! The only writer of prices: takes a provider's ticks, keeps what is new, and publishes it as one round.
//!
//! The feed also answers for what it has: a quote of any symbol is its last values, marked stale where the source has
//! fallen silent, or absent with the reason.

use super::bars::Recorder;
use super::bus::Bus;
use super::cache::LastValues;
use super::provider::{Coverage, Provider, Tick};
use super::round::{Round, Update};
use crate::auth::secret::random_token;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;
use watchtape_shared::market::{self, FeedStatus};
use watchtape_shared::quote::Reason;
use watchtape_shared::stream::Source;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote, Symbol};

/// A source that has been silent for so long, and for several of its own intervals, is stale.
const STALE_AFTER: Duration = Duration::from_secs(10);
const STALE_INTERVALS: u32 = 4;
/// How far ahead of ours a source's clock may be.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(5);

/// The feed, as everybody but its own task sees it.
pub struct Feed {
    /// Names this run: sequence numbers of another mean nothing.
    pub epoch: String,
    /// Where prices come from.
    pub source: Source,
    /// The last values.
    pub cache: LastValues,
    /// Rounds as they come.
    pub bus: Bus,
    coverage: Coverage,
    stale_after: TimeDelta,
    heard_at_micros: AtomicI64,
    ended: AtomicBool,
}

impl Feed {
    /// A feed for this provider, which has not been heard yet.
    pub fn new(provider: &dyn Provider) -> Self {
        let stale_after = STALE_AFTER.max(provider.interval() * STALE_INTERVALS);
        Self {
            epoch: random_token()[..12].to_owned(),
            source: Source { source: provider.source().to_owned(), mode: provider.mode() },
            cache: LastValues::default(),
            bus: Bus::default(),
            coverage: provider.coverage(),
            stale_after: TimeDelta::from_std(stale_after).unwrap_or(TimeDelta::MAX),
            heard_at_micros: AtomicI64::new(0),
            ended: AtomicBool::new(false),
        }
    }

    /// Publishes the provider's rounds until it has no more. `tickers` is the catalogue: nothing else is believed.
    pub async fn run(
        self: Arc<Self>,
        mut provider: Box<dyn Provider>,
        tickers: Arc<crate::search::TickerIndex>,
        recorder: Arc<Recorder>,
    ) {
        let mut writer = Writer { feed: self.clone(), tickers, recorder, days: HashMap::new(), seq: 0 };
        while let Some(ticks) = provider.next().await {
            let now = Utc::now();
            self.heard_at_micros.store(now.timestamp_micros(), Ordering::Relaxed);
            writer.publish(&ticks, now);
        }
        self.ended.store(true, Ordering::Relaxed);
        tracing::info!(source = self.source.source, "the feed has played its recording to the end");
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
            degraded: false,
            sources: Vec::new(),
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

    /// The last that is known of a security.
    pub fn quote(&self, ticker: &Ticker) -> Quote {
        let known = self.cache.read().updates.get(&ticker.symbol).map(|update| update.quote.clone());
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
            reason: Some(if covered { Reason::NoData } else { Reason::NotCovered }),
        }
    }
}

/// What the feed's own task remembers between rounds.
struct Writer {
    feed: Arc<Feed>,
    tickers: Arc<crate::search::TickerIndex>,
    recorder: Arc<Recorder>,
    days: HashMap<Symbol, (NaiveDate, Arc<Quote>)>,
    seq: u64,
}

impl Writer {
    fn publish(&mut self, ticks: &[Tick], now: DateTime<Utc>) {
        let updates: Vec<Update> = ticks.iter().filter_map(|tick| self.take(tick, now)).collect();
        if updates.is_empty() {
            return;
        }
        self.seq += 1;
        let round = Arc::new(Round { seq: self.seq, published_at: now, updates });
        self.feed.cache.apply(&round);
        self.feed.bus.publish(round);
    }

    /// A tick as an update of its symbol; none where it is not to be believed, is old, or changes nothing.
    fn take(&mut self, tick: &Tick, now: DateTime<Utc>) -> Option<Update> {
        let ticker = self.tickers.get(&tick.symbol)?;
        if tick.as_of > now + CLOCK_SKEW {
            return None;
        }
        let known = self.days.get(&tick.symbol);
        let same_day = known.filter(|(day, _)| *day == tick.day).map(|(_, quote)| quote);
        if let Some((day, quote)) = known {
            let older = *day > tick.day || quote.as_of.is_some_and(|as_of| as_of > tick.as_of);
            let unchanged = quote.price == Some(tick.price) && quote.as_of == Some(tick.as_of);
            if older || unchanged {
                return None;
            }
        }
        let extreme = |pick: fn(Price, Price) -> Price, of: fn(&Quote) -> Option<Price>| {
            Some(same_day.and_then(|quote| of(quote)).map_or(tick.price, |known| pick(known, tick.price)))
        };
        let quote = Arc::new(Quote {
            symbol: tick.symbol,
            price: Some(tick.price),
            currency: ticker.currency,
            previous_close: match (tick.previous_close, same_day) {
                (Some(price), _) => Some(price),
                (None, Some(quote)) => quote.previous_close,
                (None, None) => known.and_then(|(_, quote)| quote.price),
            },
            open: same_day.map_or(Some(tick.price), |quote| quote.open),
            high: extreme(Price::max, |quote| quote.high),
            low: extreme(Price::min, |quote| quote.low),
            volume: tick.volume.or_else(|| same_day.and_then(|quote| quote.volume)),
            as_of: Some(tick.as_of),
            source: tick.source.to_owned(),
            mode: tick.mode,
            stale: false,
            reason: None,
        });
        let update = Update::new(quote.clone())?;
        self.recorder.record(tick);
        self.days.insert(tick.symbol, (tick.day, quote));
        Some(update)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::TickerIndex;
    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use proptest::prelude::*;
    use watchtape_shared::Currency;
    use watchtape_shared::quote::Mode;

    struct Silent;

    impl Provider for Silent {
        fn source(&self) -> &'static str {
            "test"
        }

        fn mode(&self) -> Mode {
            Mode::Replay
        }

        fn coverage(&self) -> Coverage {
            Coverage::Only([symbol("AAPL")].into())
        }

        fn interval(&self) -> Duration {
            Duration::from_secs(1)
        }

        fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
            async { None }.boxed()
        }
    }

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
        let recorder = Arc::new(Recorder::new(|_| true));
        Writer { feed: Arc::new(Feed::new(&Silent)), tickers, recorder, days: HashMap::new(), seq: 0 }
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
            let mut reader = writer.feed.bus.subscribe();
            let mut newest: Option<(i64, i64)> = None;
            for (price, seconds) in times {
                writer.publish(&[tick(price, seconds, 1)], Utc::now());
                if newest.is_none_or(|(_, at)| seconds >= at) {
                    newest = Some((price, seconds));
                }
                let quote = writer.feed.quote(&ticker("AAPL"));
                let (price, at) = newest.expect("set above");
                prop_assert_eq!(quote.price, Price::from_micros(price));
                prop_assert_eq!(quote.as_of.map(|as_of| as_of.timestamp()), Some(at));
                prop_assert!(quote.low <= quote.price && quote.price <= quote.high);
            }
            let mut seq = 0;
            while let Some(Some(super::super::bus::Received::Round(round))) = reader.next().now_or_never() {
                seq += 1;
                prop_assert_eq!(round.seq, seq);
            }
            prop_assert_eq!(seq, writer.seq);
        }
    }

    #[test]
    fn a_new_day_keeps_the_last_price_as_the_previous_close() {
        let mut writer = writer();
        for tick in [tick(5, 1, 1), tick(9, 2, 1), tick(7, 3, 1), tick(8, 4, 2)] {
            writer.publish(&[tick], Utc::now());
        }
        let quote = writer.feed.quote(&ticker("AAPL"));
        let micros = |price: Option<Price>| price.map(Price::micros);
        assert_eq!(micros(quote.previous_close), Some(7));
        assert_eq!((micros(quote.open), micros(quote.high), micros(quote.low)), (Some(8), Some(8), Some(8)));
    }

    #[test]
    fn the_future_and_the_unknown_are_not_believed_and_absence_has_a_reason() {
        let mut writer = writer();
        let mut ahead = tick(5, 1, 1);
        ahead.as_of = Utc::now() + TimeDelta::minutes(1);
        let mut unknown = tick(5, 1, 1);
        unknown.symbol = symbol("NOPE");
        writer.publish(&[ahead, unknown], Utc::now());
        assert_eq!(writer.seq, 0);
        assert_eq!(writer.feed.quote(&ticker("AAPL")).reason, Some(Reason::NoData));
        assert_eq!(writer.feed.quote(&ticker("MSFT")).reason, Some(Reason::NotCovered));
    }
}
