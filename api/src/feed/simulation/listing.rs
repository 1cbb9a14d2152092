//! What a security is in the simulated market of a seed: where it begins, and how it moves. A function of the seed and
//! the security alone, so that every node knows it without asking.

use super::noise::Noise;
use chrono::{Datelike, NaiveDate};
use watchtape_shared::Price;
use watchtape_shared::ticker::Ticker;

/// How many steps of a second a day has: by them the volume of a day is reckoned.
const STEPS_A_DAY: f64 = 86_400.0;
/// How many minutes the market is open in a day.
pub(super) const MINUTES_A_DAY: f64 = 1_440.0;
/// The standard deviation of the market's move in a day; a year of them is about 14 %.
pub(super) const MARKET_MOVE: f64 = 0.009;
/// How many times its own move of a step a security's own move of a day is.
pub(super) const DAY_OF_STEPS: f64 = 25.0;
/// Parts of a security's noise: how far a day went below and above its ends.
const LOW: u64 = 10;
const HIGH: u64 = 11;
/// The most that a trade is, in shares, of a security that trades in every step.
pub(super) const LARGEST_TRADE: f64 = 900.0;

/// One security's constants.
pub(super) struct Listing {
    /// What of it is chance.
    pub(super) noise: Noise,
    /// How strongly the market moves it.
    pub(super) beta: f64,
    /// The standard deviation of its own move in a step.
    pub(super) own_move: f64,
    /// The chance of a trade in a step.
    pub(super) activity: f64,
    /// The least step of its price, in millionths.
    pub(super) tick_micros: i64,
    /// The close before the market begins.
    pub(super) previous_close: Price,
    /// The first price of the day on which the market begins.
    pub(super) open: Price,
    /// The logarithm of the price with which the market begins.
    pub(super) log_price: f64,
}

impl Listing {
    pub(super) fn of(ticker: &Ticker, seed: u64) -> Self {
        let noise = Noise::named(seed, ticker.symbol.as_str());
        // Large companies trade around a hundred units, the long tail at a few; yen and pence have two digits more.
        let size = 1.0 - (f64::from(ticker.rank) / 11_000.0).min(1.0);
        let units = (1.2 + 3.6 * size.sqrt() + 0.75 * noise.normal(0)).exp().clamp(0.2, 4_000.0);
        let scale = if matches!(ticker.currency.as_str(), "JPY" | "GBX") { 100.0 } else { 1.0 };
        let level = units * scale;
        let tick_micros = if scale > 1.0 { 500_000 } else { 10_000 };
        Self {
            noise,
            beta: 0.6 + 0.8 * noise.unit(1),
            own_move: 0.000_25 + 0.000_6 * (1.0 - size) + 0.000_2 * noise.unit(2),
            activity: 0.04 + 0.76 * size.powi(6),
            tick_micros,
            previous_close: to_price(level, tick_micros),
            open: to_price(level * (0.004 * noise.normal(3)).exp(), tick_micros),
            log_price: level.ln() + 0.008 * noise.normal(4),
        }
    }

    /// The nearest price that the exchange would quote.
    pub(super) fn price(&self, log_price: f64) -> Price {
        to_price(log_price.exp(), self.tick_micros)
    }

    /// The standard deviation of its move in a day.
    pub(super) fn day_move(&self) -> f64 {
        (self.beta * MARKET_MOVE).hypot(self.own_move * DAY_OF_STEPS)
    }

    /// How low and how high a day went that had these two prices.
    pub(super) fn reach(&self, day: NaiveDate, one: Price, other: Price) -> (Price, Price) {
        let beyond = |part| 0.5 * self.day_move() * self.noise.part(part).normal(day.num_days_from_ce().into()).abs();
        let (low, high) = (one.min(other), one.max(other));
        (self.price(log(low) - beyond(LOW)).min(low), self.price(log(high) + beyond(HIGH)).max(high))
    }

    /// About how many shares are traded in a day.
    pub(super) fn shares_a_day(&self) -> f64 {
        STEPS_A_DAY * self.activity * (1.0 + LARGEST_TRADE / 2.0 * self.activity)
    }
}

/// The logarithm of a price.
pub(super) fn log(price: Price) -> f64 {
    (price.micros() as f64 / 1e6).ln()
}

fn to_price(units: f64, tick_micros: i64) -> Price {
    let ticks = (units * 1e6 / tick_micros as f64).round().clamp(1.0, 1e12);
    Price::from_micros(ticks as i64 * tick_micros).unwrap_or(Price::MAX)
}
