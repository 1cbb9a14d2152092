//! A simulated market. Deterministic: a seed gives the same prices step by step. Every quote has the mode `simulated`.
//!
//! The best-ranked securities trade from the beginning on, others from when somebody watches them: a step costs what these are, however
//! large the catalogue is. In each step a security trades with a probability that falls with its rank. A trade moves the
//! logarithm of its price by the market's move times its beta, its sector's move and one of its own, with mean reversion to the
//! initial price, so that prices stay plausible over months. Deliberately absent: trading hours; the market is always open.

mod noise;
mod price_path;
mod random_walk;
mod security_model;
pub mod simulated_history;

use super::provider::{Provider, Tick};
use super::simulation::security_model::{MAX_TRADE_SHARES, SecurityModel, log};
use crate::clock;
use crate::cluster::demand::WatcherCounts;
use crate::cluster::entry::Entry;
use crate::cluster::source_description::{Coverage, PriceSource};
use crate::search::LiveIndex;
use chrono::{DateTime, SubsecRound, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Interval, MissedTickBehavior};
use watchtape_shared::quote::Mode;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote, Symbol};

const SOURCE: &str = "sim";
/// The standard deviation of the market's logarithmic move in a step.
const MARKET_MOVE_PER_STEP: f64 = 0.000_10;
const SECTOR_MOVE_PER_STEP: f64 = 0.000_08;
/// How many securities trade without being watched: all of the embedded catalogue.
const UNWATCHED_SECURITIES: usize = 12_000;
/// How many securities begin in a batch at most. Each needs its day so far, and whoever holds the feed's lease has to renew it
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
}

/// The simulated market.
pub struct Simulation {
    seed: u64,
    rng: ChaCha8Rng,
    tickers: Arc<LiveIndex>,
    demand: watch::Receiver<WatcherCounts>,
    /// Those that have had their first tick, and which of them are there.
    securities: Vec<SimulatedSecurity>,
    begun: HashSet<Symbol>,
    /// Those that are to have their first tick, the first one last.
    waiting: Vec<Symbol>,
    /// The last values of an earlier run.
    resumed: HashMap<Symbol, Quote>,
    market: f64,
    sectors: Vec<f64>,
    sector_numbers: HashMap<Option<Arc<str>>, usize>,
    interval: Interval,
}

impl Simulation {
    /// A market of this catalogue with a step per interval. Needs a tokio runtime.
    pub fn new(tickers: Arc<LiveIndex>, demand: watch::Receiver<WatcherCounts>, seed: u64, interval: Duration) -> Self {
        let mut waiting: Vec<Symbol> =
            tickers.load().iter().take(UNWATCHED_SECURITIES).map(|ticker| ticker.symbol).collect();
        waiting.reverse();
        let mut interval = tokio::time::interval(interval);
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        // The first step is an interval after the first ticks.
        interval.reset();
        Self {
            seed,
            rng: ChaCha8Rng::seed_from_u64(seed),
            tickers,
            demand,
            securities: Vec::new(),
            begun: HashSet::new(),
            waiting,
            resumed: HashMap::new(),
            market: 0.0,
            sectors: Vec::new(),
            sector_numbers: HashMap::new(),
            interval,
        }
    }

    /// Lets those begin that are watched and have not begun, before the others that wait.
    fn add_watched(&mut self) {
        let watched = self.demand.borrow_and_update().clone();
        // Another node may have read a newer catalogue: what is not in this one must not hold up the steps of the others.
        let is_new = |symbol: &Symbol| !self.begun.contains(symbol) && self.tickers.get(symbol).is_some();
        let mut new: Vec<Symbol> = watched.keys().copied().filter(is_new).collect();
        if !new.is_empty() {
            // In an order that is the same on every run.
            new.sort_unstable();
            self.waiting.extend(new);
        }
    }

    /// The first ticks of those that wait, as many as a batch has; of none that is not in the catalogue.
    fn begin_batch(&mut self) -> Vec<Tick> {
        let now = clock::now().trunc_subsecs(3);
        let mut ticks = Vec::new();
        while ticks.len() < FIRST_BATCH {
            let Some(symbol) = self.waiting.pop() else { break };
            let Some(ticker) = self.tickers.get(&symbol).filter(|_| self.begun.insert(symbol)) else { continue };
            let next = self.sectors.len();
            let sector = *self.sector_numbers.entry(ticker.sector.clone()).or_insert(next);
            if sector == next {
                self.sectors.push(0.0);
            }
            let mut security = SimulatedSecurity::new(&ticker, sector, self.seed);
            let last = self.resumed.remove(&symbol);
            // The day began before this process did: its open, range and volume so far are generated.
            let day_so_far = match last.as_ref() {
                Some(quote) => {
                    security.resume(quote);
                    None
                }
                None => Some(simulated_history::day_so_far(&security.model, now)),
            };
            security.volume += day_so_far.as_ref().map_or(0, |day_so_far| day_so_far.volume);
            // What moved the market before is not its own move.
            (security.market_at_last_trade, security.sector_at_last_trade) = (self.market, self.sectors[sector]);
            security.trade(&mut self.rng, self.market, self.sectors[sector]);
            ticks.push(Tick {
                previous_close: Some(security.previous_close),
                open: day_so_far.as_ref().map(|day_so_far| day_so_far.open),
                high: day_so_far.as_ref().map(|day_so_far| day_so_far.high),
                low: day_so_far.as_ref().map(|day_so_far| day_so_far.low),
                ..security.tick(now)
            });
            self.securities.push(security);
        }
        ticks
    }

    /// A step: the ticks of those whose price changed.
    fn step(&mut self) -> Vec<Tick> {
        let now = clock::now().trunc_subsecs(3);
        self.market += MARKET_MOVE_PER_STEP * normal(&mut self.rng);
        for sector in &mut self.sectors {
            *sector += SECTOR_MOVE_PER_STEP * normal(&mut self.rng);
        }
        let (rng, market, sectors) = (&mut self.rng, self.market, &self.sectors);
        let traded = self
            .securities
            .iter_mut()
            .filter_map(|security| security.trade(rng, market, sectors[security.sector]).then(|| security.tick(now)));
        traded.collect()
    }

    /// The next batch: first ticks, if any wait, else a step.
    fn next_batch(&mut self) -> Vec<Tick> {
        if self.waiting.is_empty() { self.step() } else { self.begin_batch() }
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
            model,
        }
    }

    /// Goes on from the last value of an earlier run.
    fn resume(&mut self, quote: &Quote) {
        if let Some(price) = quote.price {
            self.last = price;
            self.log_price = log(price);
        }
        self.previous_close = quote.previous_close.unwrap_or(self.previous_close);
        self.volume = quote.volume.unwrap_or(self.volume);
    }

    /// Its price at this time.
    fn tick(&self, now: DateTime<Utc>) -> Tick {
        Tick {
            symbol: self.symbol,
            price: self.last,
            as_of: now,
            day: now.date_naive(),
            is_extended: false,
            is_last_only: false,
            starts_over: false,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: Some(self.volume),
            source: SOURCE,
            mode: Mode::Simulated,
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
        self.resumed = last.iter().map(|entry| (entry.quote.symbol, (*entry.quote).clone())).collect();
        // What was watched before is watched again before anybody asks.
        let known: Vec<Symbol> = self.resumed.keys().copied().collect();
        let waiting: HashSet<Symbol> = self.waiting.iter().copied().collect();
        let mut others: Vec<Symbol> = known.into_iter().filter(|symbol| !waiting.contains(symbol)).collect();
        others.sort_unstable();
        self.waiting.splice(0..0, others);
    }

    fn next(&mut self) -> BoxFuture<'_, Option<Vec<Tick>>> {
        async move {
            let mut is_step = false;
            if !self.waiting.is_empty() {
                tokio::task::yield_now().await;
            } else {
                tokio::select! {
                    biased;
                    // Whoever begins to watch sees a price at once.
                    Ok(()) = self.demand.changed() => {}
                    _ = self.interval.tick() => is_step = true,
                }
            }
            self.add_watched();
            // A new watcher of what trades already does not make the market move.
            Some(if is_step || !self.waiting.is_empty() { self.next_batch() } else { Vec::new() })
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::search::TickerIndex;

    struct Market {
        sim: Simulation,
        tickers: Arc<LiveIndex>,
        demand: watch::Sender<WatcherCounts>,
    }

    fn market_of(tickers: Vec<Ticker>, seed: u64) -> Market {
        let index = TickerIndex::new(tickers.into_iter().map(Arc::new).collect());
        let (tickers, (demand, receiver)) = (Arc::new(LiveIndex::new(index)), watch::channel(WatcherCounts::default()));
        let sim = Simulation::new(tickers.clone(), receiver, seed, Duration::from_secs(1));
        Market { sim, tickers, demand }
    }

    fn market(seed: u64) -> Market {
        market_of(catalog::embedded().expect("the catalogue"), seed)
    }

    /// A catalogue with more securities than trade without being watched.
    fn large_catalogue() -> Vec<Ticker> {
        let embedded = catalog::embedded().expect("the catalogue");
        let again = embedded.iter().cloned().zip(0_u32..).map(|(ticker, at)| Ticker {
            symbol: Symbol::parse(&format!("N{at}")).expect("a symbol"),
            rank: ticker.rank + 20_000,
            ..ticker
        });
        again.collect::<Vec<_>>().into_iter().chain(embedded).collect()
    }

    fn watch(market: &Market, symbols: &[Symbol]) {
        market.demand.send_replace(Arc::new(symbols.iter().map(|symbol| (*symbol, 1)).collect()));
    }

    fn prices(ticks: &[Tick]) -> Vec<(Symbol, Price)> {
        ticks.iter().map(|tick| (tick.symbol, tick.price)).collect()
    }

    fn first_step(sim: &mut Simulation) -> Vec<Vec<Tick>> {
        let mut batches = Vec::new();
        while !sim.waiting.is_empty() {
            batches.push(sim.next_batch());
        }
        batches
    }

    /// Also of a catalogue that has no securities, or few.
    #[actix_web::test]
    async fn the_first_step_has_a_tick_of_every_security_in_small_batches() {
        let embedded = catalog::embedded().expect("the catalogue");
        for count in [0, 1, FIRST_BATCH, FIRST_BATCH + 1, usize::MAX] {
            let Market { mut sim, tickers, .. } = market_of(embedded.iter().take(count).cloned().collect(), 1);
            let batches = first_step(&mut sim);
            assert!(batches.iter().all(|batch| batch.len() <= FIRST_BATCH));
            let begun: Vec<Symbol> = batches.iter().flatten().map(|tick| tick.symbol).collect();
            assert_eq!(begun, tickers.load().iter().map(|ticker| ticker.symbol).collect::<Vec<_>>());
            assert!(sim.next_batch().len() <= begun.len());
        }
    }

    #[actix_web::test]
    async fn of_a_large_catalogue_what_is_watched_trades_besides_the_best_known() {
        let mut market = market_of(large_catalogue(), 1);
        first_step(&mut market.sim);
        assert_eq!(market.sim.securities.len(), UNWATCHED_SECURITIES);
        let obscure = Symbol::parse("N9000").expect("a symbol");
        watch(&market, &[obscure]);
        let first = market.sim.next().await.expect("a market never ends");
        assert_eq!(first.iter().map(|tick| tick.symbol).collect::<Vec<_>>(), [obscure]);
        assert!(first[0].previous_close.is_some() && first[0].high >= first[0].low);
        assert_eq!(market.sim.securities.len(), UNWATCHED_SECURITIES + 1);
    }

    #[actix_web::test]
    async fn a_watched_symbol_that_the_catalogue_does_not_have_stops_no_market() {
        tokio::time::pause();
        let mut market = market(1);
        first_step(&mut market.sim);
        watch(&market, &[Symbol::parse("NOT.YET").expect("a symbol")]);
        assert_eq!(market.sim.next().await, Some(Vec::new()), "a new watcher is no step");
        assert!(!market.sim.next().await.expect("a market never ends").is_empty());
    }

    #[actix_web::test]
    async fn what_the_catalogue_has_later_trades_once_it_is_watched() {
        let mut market = market_of(Vec::new(), 1);
        let apple = Symbol::parse("AAPL").expect("a symbol");
        watch(&market, &[apple]);
        assert_eq!(market.sim.next().await, Some(Vec::new()));
        let tickers = catalog::embedded().expect("the catalogue").into_iter().map(Arc::new).collect();
        market.tickers.replace(TickerIndex::new(tickers));
        let ticks = market.sim.next().await.expect("a market never ends");
        assert_eq!(ticks.iter().map(|tick| tick.symbol).collect::<Vec<_>>(), [apple]);
    }

    #[actix_web::test]
    async fn the_same_seed_gives_the_same_market_and_another_seed_another() {
        let (mut one, mut same, mut other) = (market(7).sim, market(7).sim, market(8).sim);
        for _ in 0..40 {
            let step = prices(&one.next_batch());
            assert_eq!(step, prices(&same.next_batch()));
            assert_ne!(step, prices(&other.next_batch()));
        }
    }

    #[actix_web::test]
    async fn prices_stay_sane_and_move_together() {
        let mut sim = market(1).sim;
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
