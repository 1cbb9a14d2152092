//! A simulated market over the whole catalogue: seeded, so that the same seed gives the same prices step by step,
//! whoever watches and whenever. Nobody ever paid these prices, and every quote says so.
//!
//! Each step a security trades with a chance that falls with its rank. When it trades, its logarithm moves by a share of
//! the market's move, a share of its sector's and a move of its own, and is drawn back a little to where it began, so
//! that a market left running for months stays sane.

use super::{Coverage, Provider, Tick};
use crate::prices::round::Entry;
use chrono::{SubsecRound, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior};
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote, Symbol};

const SOURCE: &str = "sim";
/// The standard deviation of the market's move in a step; a year of steps of a second would be about 16 %.
const MARKET_MOVE: f64 = 0.000_10;
const SECTOR_MOVE: f64 = 0.000_08;
/// How much of the way back to the beginning a price goes when it trades.
const REVERSION: f64 = 0.000_2;

/// One security's state.
struct Walker {
    symbol: Symbol,
    sector: usize,
    /// How strongly the market moves it.
    beta: f64,
    /// The standard deviation of its own move.
    own_move: f64,
    /// The chance of a trade in a step.
    activity: f64,
    /// The logarithm of where it began.
    anchor: f64,
    log_price: f64,
    /// The least step of its price, in millionths.
    tick_micros: i64,
    previous_close: Price,
    last: Price,
    volume: u64,
    /// The market's and the sector's level when it last traded: it moves by what they have moved since.
    market_seen: f64,
    sector_seen: f64,
}

/// The simulated market.
pub struct Sim {
    rng: ChaCha8Rng,
    walkers: Vec<Walker>,
    market: f64,
    sectors: Vec<f64>,
    started: bool,
    interval: Interval,
}

impl Sim {
    /// A market of these securities that makes a step each interval. Needs a tokio runtime.
    pub fn new<'a>(tickers: impl IntoIterator<Item = &'a Arc<Ticker>>, seed: u64, interval: Duration) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sectors: HashMap<Option<&str>, usize> = HashMap::new();
        let mut walkers = Vec::new();
        for ticker in tickers {
            let next = sectors.len();
            let sector = *sectors.entry(ticker.sector.as_deref()).or_insert(next);
            walkers.push(Walker::new(ticker, sector, &mut rng));
        }
        let mut interval = tokio::time::interval(interval);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { rng, walkers, market: 0.0, sectors: vec![0.0; sectors.len()], started: false, interval }
    }

    /// The next step: at first every security, then those that trade.
    fn step(&mut self) -> Vec<Tick> {
        let now = Utc::now().trunc_subsecs(3);
        let (day, first) = (now.date_naive(), !std::mem::replace(&mut self.started, true));
        self.market += MARKET_MOVE * normal(&mut self.rng);
        for sector in &mut self.sectors {
            *sector += SECTOR_MOVE * normal(&mut self.rng);
        }
        let (rng, market, sectors) = (&mut self.rng, self.market, &self.sectors);
        let traded = self.walkers.iter_mut().filter_map(|walker| {
            let moved = walker.trade(rng, market, sectors[walker.sector]);
            (moved || first).then(|| Tick {
                symbol: walker.symbol,
                price: walker.last,
                as_of: now,
                day,
                is_extended: false,
                previous_close: first.then_some(walker.previous_close),
                open: None,
                high: None,
                low: None,
                volume: Some(walker.volume),
                source: SOURCE,
                mode: Mode::Simulated,
            })
        });
        traded.collect()
    }
}

impl Walker {
    fn new(ticker: &Ticker, sector: usize, rng: &mut ChaCha8Rng) -> Self {
        // Large companies trade around a hundred units, the long tail at a few; yen and pence have two digits more.
        let size = 1.0 - (f64::from(ticker.rank) / 11_000.0).min(1.0);
        let units = (1.2 + 3.6 * size.sqrt() + 0.75 * normal(rng)).exp().clamp(0.2, 4_000.0);
        let scale = if matches!(ticker.currency.as_str(), "JPY" | "GBX") { 100.0 } else { 1.0 };
        let level = units * scale;
        let tick_micros = if scale > 1.0 { 500_000 } else { 10_000 };
        let gap = 0.008 * normal(rng);
        let previous_close = to_price(level, tick_micros);
        let log_price = level.ln() + gap;
        Self {
            symbol: ticker.symbol,
            sector,
            beta: 0.6 + 0.8 * rng.random::<f64>(),
            own_move: 0.000_25 + 0.000_6 * (1.0 - size) + 0.000_2 * rng.random::<f64>(),
            activity: 0.04 + 0.76 * size.powi(6),
            anchor: log_price,
            log_price,
            tick_micros,
            previous_close,
            last: to_price(log_price.exp(), tick_micros),
            volume: 0,
            market_seen: 0.0,
            sector_seen: 0.0,
        }
    }

    /// Whether it traded at another price.
    fn trade(&mut self, rng: &mut ChaCha8Rng, market: f64, sector: f64) -> bool {
        if rng.random::<f64>() >= self.activity {
            return false;
        }
        let common = self.beta * (market - self.market_seen) + (sector - self.sector_seen);
        (self.market_seen, self.sector_seen) = (market, sector);
        self.log_price += common + self.own_move * normal(rng) + REVERSION * (self.anchor - self.log_price);
        self.volume += 1 + (rng.random::<f64>() * 900.0 * self.activity) as u64;
        let price = to_price(self.log_price.exp(), self.tick_micros);
        std::mem::replace(&mut self.last, price) != price
    }
}

/// The nearest price that the exchange would quote.
fn to_price(units: f64, tick_micros: i64) -> Price {
    let ticks = (units * 1e6 / tick_micros as f64).round().clamp(1.0, 1e12);
    Price::from_micros(ticks as i64 * tick_micros).unwrap_or(Price::MAX)
}

/// A number of the standard normal distribution, near enough: the sum of twelve of the uniform one (Irwin–Hall).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

impl Provider for Sim {
    fn source(&self) -> &'static str {
        SOURCE
    }

    fn mode(&self) -> Mode {
        Mode::Simulated
    }

    fn coverage(&self) -> Coverage {
        Coverage::All
    }

    fn interval(&self) -> Duration {
        self.interval.period()
    }

    fn resume(&mut self, last: &[Entry]) {
        let last: HashMap<Symbol, &Quote> = last.iter().map(|entry| (entry.quote.symbol, &*entry.quote)).collect();
        for walker in &mut self.walkers {
            let Some(quote) = last.get(&walker.symbol) else { continue };
            if let Some(price) = quote.price {
                walker.last = price;
                walker.log_price = (price.micros() as f64 / 1e6).ln();
            }
            walker.previous_close = quote.previous_close.unwrap_or(walker.previous_close);
            walker.volume = quote.volume.unwrap_or(walker.volume);
        }
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        async move {
            self.interval.tick().await;
            Some(self.step())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn market(seed: u64) -> Sim {
        let tickers: Vec<Arc<Ticker>> = catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect();
        Sim::new(&tickers, seed, Duration::from_secs(1))
    }

    fn prices(ticks: &[Tick]) -> Vec<(Symbol, Price)> {
        ticks.iter().map(|tick| (tick.symbol, tick.price)).collect()
    }

    #[actix_web::test]
    async fn the_same_seed_gives_the_same_market_and_another_seed_another() {
        let (mut one, mut same, mut other) = (market(7), market(7), market(8));
        for _ in 0..20 {
            let step = prices(&one.step());
            assert_eq!(step, prices(&same.step()));
            assert_ne!(step, prices(&other.step()));
        }
    }

    #[actix_web::test]
    async fn prices_stay_sane_and_move_together() {
        let mut sim = market(1);
        let first: HashMap<Symbol, Price> = prices(&sim.step()).into_iter().collect();
        assert_eq!(first.len(), sim.walkers.len());
        let mut last = first.clone();
        for _ in 0..600 {
            last.extend(prices(&sim.step()));
        }
        for (symbol, price) in &last {
            let ratio = price.micros() as f64 / first[symbol].micros() as f64;
            // A price of a few ticks moves in large parts of itself.
            assert!((0.5..2.0).contains(&ratio), "{symbol}: {} became {price}", first[symbol]);
        }
        let large = &sim.walkers[..200];
        assert!(large.iter().all(|walker| walker.volume > 0), "all of the largest trade");
        // Of two hundred walks on their own the mean would stay near zero; those of one market follow it.
        let moved =
            |walker: &Walker| (last[&walker.symbol].micros() as f64 / first[&walker.symbol].micros() as f64).ln();
        let mean = large.iter().map(moved).sum::<f64>() / large.len() as f64;
        assert!((mean - sim.market).abs() < 0.004, "the mean moved by {mean}, the market by {}", sim.market);
    }
}
