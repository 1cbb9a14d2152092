//! The parameters of a security in the simulated market: initial prices, volatility, activity. A function of the seed
//! and the security alone, so that every node computes the same.

use super::noise::Noise;
use chrono::{Datelike, NaiveDate};
use watchtape_shared::Price;
use watchtape_shared::ticker::Ticker;

/// Steps per day at one a second, for the volume of a day.
const STEPS_PER_DAY: f64 = 86_400.0;
/// Minutes per day: the market is always open.
pub(super) const MINUTES_PER_DAY: f64 = 1_440.0;
/// The standard deviation of the market's logarithmic move in a day; about 14 % a year.
pub(super) const MARKET_MOVE_PER_DAY: f64 = 0.009;
/// The ratio of a security's own move in a day to that in a step.
pub(super) const DAY_TO_STEP_RATIO: f64 = 25.0;
/// Noise parts: how far a day's low and high are beyond its open and close.
const LOW_NOISE: u64 = 10;
const HIGH_NOISE: u64 = 11;
/// The largest trade in shares, of a security that trades in every step.
pub(super) const MAX_TRADE_SHARES: f64 = 900.0;

/// The parameters of one security.
pub(super) struct SecurityModel {
    /// Its noise.
    pub(super) noise: Noise,
    /// The factor of the market's move.
    pub(super) beta: f64,
    /// The standard deviation of its own move in a step.
    pub(super) own_move_per_step: f64,
    /// The probability of a trade in a step.
    pub(super) activity: f64,
    /// The tick size, in millionths.
    pub(super) tick_micros: i64,
    /// The close before the simulation starts.
    pub(super) previous_close: Price,
    /// The open of the day on which the simulation starts.
    pub(super) open: Price,
    /// The logarithm of the initial price.
    pub(super) log_price: f64,
}

impl SecurityModel {
    pub(super) fn of(ticker: &Ticker, seed: u64) -> Self {
        let noise = Noise::named(seed, ticker.symbol.as_str());
        // Large companies at about 100 units of currency, the long tail at a few; yen and pence times 100.
        let size = 1.0 - (f64::from(ticker.rank) / 11_000.0).min(1.0);
        let units = (1.2 + 3.6 * size.sqrt() + 0.75 * noise.normal(0)).exp().clamp(0.2, 4_000.0);
        let scale = if matches!(ticker.currency.as_str(), "JPY" | "GBX") { 100.0 } else { 1.0 };
        let level = units * scale;
        let tick_micros = if scale > 1.0 { 500_000 } else { 10_000 };
        Self {
            noise,
            beta: 0.6 + 0.8 * noise.unit(1),
            own_move_per_step: 0.000_25 + 0.000_6 * (1.0 - size) + 0.000_2 * noise.unit(2),
            activity: 0.04 + 0.76 * size.powi(6),
            tick_micros,
            previous_close: to_price(level, tick_micros),
            open: to_price(level * (0.004 * noise.normal(3)).exp(), tick_micros),
            log_price: level.ln() + 0.008 * noise.normal(4),
        }
    }

    /// The price, rounded to the tick size.
    pub(super) fn price(&self, log_price: f64) -> Price {
        to_price(log_price.exp(), self.tick_micros)
    }

    /// The standard deviation of its logarithmic move in a day.
    pub(super) fn move_per_day(&self) -> f64 {
        (self.beta * MARKET_MOVE_PER_DAY).hypot(self.own_move_per_step * DAY_TO_STEP_RATIO)
    }

    /// The low and the high of a day with these two prices.
    pub(super) fn day_range(&self, day: NaiveDate, one: Price, other: Price) -> (Price, Price) {
        let beyond =
            |part| 0.5 * self.move_per_day() * self.noise.part(part).normal(day.num_days_from_ce().into()).abs();
        let (low, high) = (one.min(other), one.max(other));
        (self.price(log(low) - beyond(LOW_NOISE)).min(low), self.price(log(high) + beyond(HIGH_NOISE)).max(high))
    }

    /// The expected volume of a day, in shares.
    pub(super) fn shares_per_day(&self) -> f64 {
        STEPS_PER_DAY * self.activity * (1.0 + MAX_TRADE_SHARES / 2.0 * self.activity)
    }
}

/// The natural logarithm of a price.
pub(super) fn log(price: Price) -> f64 {
    (price.micros() as f64 / 1e6).ln()
}

fn to_price(units: f64, tick_micros: i64) -> Price {
    let ticks = (units * 1e6 / tick_micros as f64).round().clamp(1.0, 1e12);
    Price::from_micros(ticks as i64 * tick_micros).unwrap_or(Price::MAX)
}
