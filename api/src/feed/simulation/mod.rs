//! A simulated market over the whole catalogue: seeded, so that the same seed gives the same prices step by step,
//! whoever watches and whenever. Nobody ever paid these prices, and every quote says so.
//!
//! Each step a security trades with a chance that falls with its rank. When it trades, its logarithm moves by a share of
//! the market's move, a share of its sector's and a move of its own, and is drawn back a little to where it began, so
//! that a market left running for months stays sane.

mod listing;
mod noise;
mod price_path;
mod random_walk;
pub mod simulated_history;

use super::provider::{Provider, Tick};
use super::simulation::listing::{LARGEST_TRADE, Listing, log};
use crate::cluster::price_source::{Coverage, PriceSource};
use crate::cluster::round::Entry;
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
    listing: Listing,
    log_price: f64,
    previous_close: Price,
    last: Price,
    volume: u64,
    /// The market's and the sector's level when it last traded: it moves by what they have moved since.
    market_seen: f64,
    sector_seen: f64,
    /// Whether it goes on from what was known before this run of the market.
    is_resumed: bool,
}

/// The simulated market.
pub struct Simulation {
    rng: ChaCha8Rng,
    walkers: Vec<Walker>,
    market: f64,
    sectors: Vec<f64>,
    started: bool,
    interval: Interval,
}

impl Simulation {
    /// A market of these securities that makes a step each interval. Needs a tokio runtime.
    pub fn new<'a>(tickers: impl IntoIterator<Item = &'a Arc<Ticker>>, seed: u64, interval: Duration) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sectors: HashMap<Option<&str>, usize> = HashMap::new();
        let mut walkers = Vec::new();
        for ticker in tickers {
            let next = sectors.len();
            let sector = *sectors.entry(ticker.sector.as_deref()).or_insert(next);
            walkers.push(Walker::new(ticker, sector, seed));
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
            // The market did not begin with this process: the day had a course before it.
            let so_far = (first && !walker.is_resumed).then(|| simulated_history::so_far(&walker.listing, now));
            walker.volume += so_far.as_ref().map_or(0, |so_far| so_far.volume);
            let moved = walker.trade(rng, market, sectors[walker.sector]);
            (moved || first).then(|| Tick {
                symbol: walker.symbol,
                price: walker.last,
                as_of: now,
                day,
                is_extended: false,
                previous_close: first.then_some(walker.previous_close),
                open: so_far.as_ref().map(|so_far| so_far.open),
                high: so_far.as_ref().map(|so_far| so_far.high),
                low: so_far.as_ref().map(|so_far| so_far.low),
                volume: Some(walker.volume),
                source: SOURCE,
                mode: Mode::Simulated,
            })
        });
        traded.collect()
    }
}

impl Walker {
    fn new(ticker: &Ticker, sector: usize, seed: u64) -> Self {
        let listing = Listing::of(ticker, seed);
        Self {
            symbol: ticker.symbol,
            sector,
            log_price: listing.log_price,
            previous_close: listing.previous_close,
            last: listing.price(listing.log_price),
            volume: 0,
            market_seen: 0.0,
            sector_seen: 0.0,
            is_resumed: false,
            listing,
        }
    }

    /// Whether it traded at another price.
    fn trade(&mut self, rng: &mut ChaCha8Rng, market: f64, sector: f64) -> bool {
        let Listing { activity, beta, own_move, log_price: anchor, .. } = self.listing;
        if rng.random::<f64>() >= activity {
            return false;
        }
        let common = beta * (market - self.market_seen) + (sector - self.sector_seen);
        (self.market_seen, self.sector_seen) = (market, sector);
        self.log_price += common + own_move * normal(rng) + REVERSION * (anchor - self.log_price);
        self.volume += 1 + (rng.random::<f64>() * LARGEST_TRADE * activity) as u64;
        let price = self.listing.price(self.log_price);
        std::mem::replace(&mut self.last, price) != price
    }
}

/// A number of the standard normal distribution, near enough: the sum of twelve of the uniform one (Irwin–Hall).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

impl Provider for Simulation {
    fn source(&self) -> PriceSource {
        PriceSource { name: SOURCE, mode: Mode::Simulated, coverage: Coverage::All, interval: self.interval.period() }
    }

    fn resume(&mut self, last: &[Entry]) {
        let last: HashMap<Symbol, &Quote> = last.iter().map(|entry| (entry.quote.symbol, &*entry.quote)).collect();
        for walker in &mut self.walkers {
            let Some(quote) = last.get(&walker.symbol) else { continue };
            if let Some(price) = quote.price {
                walker.last = price;
                walker.log_price = log(price);
                walker.is_resumed = true;
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

    fn market(seed: u64) -> Simulation {
        let tickers: Vec<Arc<Ticker>> = catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect();
        Simulation::new(&tickers, seed, Duration::from_secs(1))
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
