//! A simulated market of the whole catalogue. Deterministic: a seed gives the same prices step by step. Every quote has
//! the mode `simulated`.
//!
//! In each step a security trades with a probability that falls with its rank. A trade moves the logarithm of its price
//! by the market's move times its beta, its sector's move and one of its own, with mean reversion to the initial price,
//! so that prices stay plausible over months. Deliberately absent: trading hours; the market is always open.

mod noise;
mod price_path;
mod random_walk;
mod security_model;
pub mod simulated_history;

use super::provider::{Provider, Tick};
use super::simulation::security_model::{MAX_TRADE_SHARES, SecurityModel, log};
use crate::clock;
use crate::cluster::entry::Entry;
use crate::cluster::source_description::{Coverage, PriceSource};
use chrono::SubsecRound;
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
/// The standard deviation of the market's logarithmic move in a step.
const MARKET_MOVE_PER_STEP: f64 = 0.000_10;
const SECTOR_MOVE_PER_STEP: f64 = 0.000_08;
/// How many securities a batch of the first step has. Each needs its day so far, and whoever holds the feed's lease has to renew it
/// meanwhile: a slow machine that made them all at once would lose it each time.
const FIRST_BATCH: usize = 500;
/// The share of its distance from the initial price by which a trade moves a price back.
const MEAN_REVERSION: f64 = 0.000_2;

/// One security's state.
struct SimulatedSecurity {
    symbol: Symbol,
    sector: usize,
    model: SecurityModel,
    log_price: f64,
    previous_close: Price,
    last: Price,
    volume: u64,
    /// The market's and the sector's level at its last trade: the next one applies their moves since.
    market_at_last_trade: f64,
    sector_at_last_trade: f64,
    /// Whether it was resumed from an earlier run's last value.
    is_resumed: bool,
}

/// The simulated market.
pub struct Simulation {
    rng: ChaCha8Rng,
    securities: Vec<SimulatedSecurity>,
    market: f64,
    sectors: Vec<f64>,
    /// How many securities have had their first tick.
    begun: usize,
    interval: Interval,
}

impl Simulation {
    /// A market of these securities with a step per interval. Needs a tokio runtime.
    pub fn new<'a>(tickers: impl IntoIterator<Item = &'a Arc<Ticker>>, seed: u64, interval: Duration) -> Self {
        let rng = ChaCha8Rng::seed_from_u64(seed);
        let mut sectors: HashMap<Option<&str>, usize> = HashMap::new();
        let mut securities = Vec::new();
        for ticker in tickers {
            let next = sectors.len();
            let sector = *sectors.entry(ticker.sector.as_deref()).or_insert(next);
            securities.push(SimulatedSecurity::new(ticker, sector, seed));
        }
        let mut interval = tokio::time::interval(interval);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { rng, securities, market: 0.0, sectors: vec![0.0; sectors.len()], begun: 0, interval }
    }

    /// Whether the first step is under way.
    fn is_beginning(&self) -> bool {
        (1..self.securities.len()).contains(&self.begun)
    }

    /// The next batch: of the first step, which has a tick of every security, or of a later one, which has those whose price
    /// changed.
    fn next_batch(&mut self) -> Vec<Tick> {
        let now = clock::now().trunc_subsecs(3);
        let (day, first) = (now.date_naive(), self.begun < self.securities.len());
        if !self.is_beginning() {
            self.market += MARKET_MOVE_PER_STEP * normal(&mut self.rng);
            for sector in &mut self.sectors {
                *sector += SECTOR_MOVE_PER_STEP * normal(&mut self.rng);
            }
        }
        let batch = if first {
            let end = self.securities.len().min(self.begun + FIRST_BATCH);
            std::mem::replace(&mut self.begun, end)..end
        } else {
            0..self.securities.len()
        };
        let (rng, market, sectors) = (&mut self.rng, self.market, &self.sectors);
        let traded = self.securities[batch].iter_mut().filter_map(|security| {
            // The day began before this process did: its open, range and volume so far are generated.
            let day_so_far =
                (first && !security.is_resumed).then(|| simulated_history::day_so_far(&security.model, now));
            security.volume += day_so_far.as_ref().map_or(0, |day_so_far| day_so_far.volume);
            let moved = security.trade(rng, market, sectors[security.sector]);
            (moved || first).then(|| Tick {
                symbol: security.symbol,
                price: security.last,
                as_of: now,
                day,
                is_extended: false,
                is_last_only: false,
                starts_over: false,
                previous_close: first.then_some(security.previous_close),
                open: day_so_far.as_ref().map(|day_so_far| day_so_far.open),
                high: day_so_far.as_ref().map(|day_so_far| day_so_far.high),
                low: day_so_far.as_ref().map(|day_so_far| day_so_far.low),
                volume: Some(security.volume),
                source: SOURCE,
                mode: Mode::Simulated,
            })
        });
        traded.collect()
    }
}

impl SimulatedSecurity {
    fn new(ticker: &Ticker, sector: usize, seed: u64) -> Self {
        let model = SecurityModel::of(ticker, seed);
        Self {
            symbol: ticker.symbol,
            sector,
            log_price: model.log_price,
            previous_close: model.previous_close,
            last: model.price(model.log_price),
            volume: 0,
            market_at_last_trade: 0.0,
            sector_at_last_trade: 0.0,
            is_resumed: false,
            model,
        }
    }

    /// Trades at random; returns whether the price changed.
    fn trade(&mut self, rng: &mut ChaCha8Rng, market: f64, sector: f64) -> bool {
        let SecurityModel { activity, beta, own_move_per_step, log_price: anchor, .. } = self.model;
        if rng.random::<f64>() >= activity {
            return false;
        }
        let common = beta * (market - self.market_at_last_trade) + (sector - self.sector_at_last_trade);
        (self.market_at_last_trade, self.sector_at_last_trade) = (market, sector);
        self.log_price += common + own_move_per_step * normal(rng) + MEAN_REVERSION * (anchor - self.log_price);
        self.volume += 1 + (rng.random::<f64>() * MAX_TRADE_SHARES * activity) as u64;
        let price = self.model.price(self.log_price);
        std::mem::replace(&mut self.last, price) != price
    }
}

/// An approximately standard normal number: the sum of twelve uniform ones less 6 (Irwin–Hall).
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    (0..12).map(|_| rng.random::<f64>()).sum::<f64>() - 6.0
}

impl Provider for Simulation {
    fn source(&self) -> PriceSource {
        PriceSource { name: SOURCE, mode: Mode::Simulated, coverage: Coverage::All, interval: self.interval.period() }
    }

    fn resume(&mut self, last: &[Entry]) {
        let last: HashMap<Symbol, &Quote> = last.iter().map(|entry| (entry.quote.symbol, &*entry.quote)).collect();
        for security in &mut self.securities {
            let Some(quote) = last.get(&security.symbol) else { continue };
            if let Some(price) = quote.price {
                security.last = price;
                security.log_price = log(price);
                security.is_resumed = true;
            }
            security.previous_close = quote.previous_close.unwrap_or(security.previous_close);
            security.volume = quote.volume.unwrap_or(security.volume);
        }
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        async move {
            if self.is_beginning() {
                tokio::task::yield_now().await;
            } else {
                self.interval.tick().await;
            }
            Some(self.next_batch())
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

    fn first_step(sim: &mut Simulation) -> Vec<Vec<Tick>> {
        let mut batches = vec![sim.next_batch()];
        while sim.is_beginning() {
            batches.push(sim.next_batch());
        }
        batches
    }

    /// Also of one that has no securities, or few.
    #[actix_web::test]
    async fn the_first_step_has_a_tick_of_every_security_in_small_batches() {
        for count in [0, 1, FIRST_BATCH, FIRST_BATCH + 1, usize::MAX] {
            let mut sim = market(1);
            sim.securities.truncate(count);
            let batches = first_step(&mut sim);
            assert!(batches.iter().all(|batch| batch.len() <= FIRST_BATCH));
            let begun: Vec<Symbol> = batches.iter().flatten().map(|tick| tick.symbol).collect();
            assert_eq!(begun, sim.securities.iter().map(|security| security.symbol).collect::<Vec<_>>());
            assert!(sim.next_batch().len() <= begun.len());
        }
    }

    #[actix_web::test]
    async fn the_same_seed_gives_the_same_market_and_another_seed_another() {
        let (mut one, mut same, mut other) = (market(7), market(7), market(8));
        for _ in 0..20 {
            let step = prices(&one.next_batch());
            assert_eq!(step, prices(&same.next_batch()));
            assert_ne!(step, prices(&other.next_batch()));
        }
    }

    #[actix_web::test]
    async fn prices_stay_sane_and_move_together() {
        let mut sim = market(1);
        let first: HashMap<Symbol, Price> = first_step(&mut sim).into_iter().flat_map(|batch| prices(&batch)).collect();
        assert_eq!(first.len(), sim.securities.len());
        let mut last = first.clone();
        for _ in 0..600 {
            last.extend(prices(&sim.next_batch()));
        }
        for (symbol, price) in &last {
            let ratio = price.micros() as f64 / first[symbol].micros() as f64;
            // A price of a few ticks moves by large shares of itself.
            assert!((0.5..2.0).contains(&ratio), "{symbol}: {} became {price}", first[symbol]);
        }
        let large = &sim.securities[..200];
        assert!(large.iter().all(|security| security.volume > 0), "the 200 largest all trade");
        // The mean of 200 independent walks would stay near zero; correlated ones follow the market.
        let moved = |security: &SimulatedSecurity| {
            (last[&security.symbol].micros() as f64 / first[&security.symbol].micros() as f64).ln()
        };
        let mean = large.iter().map(moved).sum::<f64>() / large.len() as f64;
        assert!((mean - sim.market).abs() < 0.004, "the mean moved by {mean}, the market by {}", sim.market);
    }
}
