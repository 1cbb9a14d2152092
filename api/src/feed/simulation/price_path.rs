//! The daily closes of one security, back from a known close, and the bars between them.

use super::noise::Noise;
use super::random_walk::RandomWalk;
use super::security_model::{DAY_TO_STEP_RATIO, MARKET_MOVE_PER_DAY, MINUTES_PER_DAY, SecurityModel, log};
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use std::ops::Range;
use watchtape_shared::{Bar, Price};

/// The drift of the logarithm of the price per day: about 5 % a year.
const DRIFT: f64 = 0.000_2;
/// The parts of a security's noise; `security_model.rs` has those from 10 on.
const LEVEL_NOISE: u64 = 1;
const GAP_NOISE: u64 = 2;
const SESSION_NOISE: u64 = 3;
const PARTIAL_DAY_NOISE: u64 = 4;
const VOLUME_NOISE: u64 = 5;

/// The daily closes of one security.
pub(super) struct PricePath {
    pub(super) model: SecurityModel,
    market: Noise,
    /// The logarithm of the last close.
    end: f64,
    /// The offset that makes the walk end there.
    shift: f64,
}

impl PricePath {
    /// The path whose close of `day` is `close`.
    pub(super) fn ending_at(model: SecurityModel, seed: u64, day: NaiveDate, close: Price) -> Self {
        let end = log(close);
        let mut path = Self { model, market: Noise::named(seed, ""), end, shift: 0.0 };
        path.shift = end - path.level(day);
        path
    }

    /// The logarithm of a day's close.
    fn level(&self, day: NaiveDate) -> f64 {
        // Counted in weekdays, so that a weekend is one step.
        let days = i64::from(day.num_days_from_ce()) - 1;
        let at = days / 7 * 5 + (days % 7).min(4);
        let own = self.model.noise.part(LEVEL_NOISE).walk(at) * self.model.own_move_per_step * DAY_TO_STEP_RATIO;
        let market = self.market.walk(at) * self.model.beta * MARKET_MOVE_PER_DAY;
        self.shift + own + market + DRIFT * at as f64
    }

    /// The open of a day after a close of this logarithm.
    fn open(&self, close_before: f64, day: NaiveDate) -> Price {
        let gap = self.model.noise.part(GAP_NOISE).normal(day.num_days_from_ce().into());
        self.model.price(close_before + 0.3 * self.model.move_per_day() * gap)
    }

    /// The daily bar. `before` is the previous trading day.
    pub(super) fn day(&self, day: NaiveDate, before: NaiveDate) -> Bar {
        let (open, close) = (self.open(self.level(before), day), self.model.price(self.level(day)));
        let (low, high) = self.model.day_range(day, open, close);
        let chance = self.model.noise.part(VOLUME_NOISE).normal(day.num_days_from_ce().into());
        let volume = self.model.shares_per_day() * (0.35 * chance).exp();
        Bar { start: midnight(day), open, high, low, close, volume: Some(volume as u64) }
    }

    /// The minutes of a trading session with this daily bar.
    pub(super) fn session(&self, day: Bar, hours: Range<DateTime<Utc>>) -> RandomWalk {
        let noise = self.model.noise.part(SESSION_NOISE).part(day.start.timestamp().cast_unsigned());
        let minutes = (hours.end - hours.start).num_minutes().max(1) as f64;
        RandomWalk {
            noise,
            hours,
            end_prices: (day.open, day.close),
            price_range: (day.low, day.high),
            shares_per_minute: day.volume.unwrap_or(0) as f64 / minutes,
        }
    }

    /// The minutes from midnight (UTC) up to `until`, which ends at `price`. `open_low_high` is the day's open, low and
    /// high, where they are known.
    pub(super) fn partial_day(
        &self,
        day: NaiveDate,
        open_low_high: Option<(Price, Price, Price)>,
        until: DateTime<Utc>,
        price: Price,
    ) -> RandomWalk {
        let open = open_low_high.map_or_else(|| self.open(self.end, day), |(open, ..)| open);
        let (mut low, mut high) = self.model.day_range(day, open, price);
        if let Some((_, lowest, highest)) = open_low_high {
            (low, high) = (low.max(lowest).min(open).min(price), high.min(highest).max(open).max(price));
        }
        RandomWalk {
            noise: self.model.noise.part(PARTIAL_DAY_NOISE).part(midnight(day).timestamp().cast_unsigned()),
            hours: midnight(day)..until,
            end_prices: (open, price),
            price_range: (low, high),
            shares_per_minute: self.model.shares_per_day() / MINUTES_PER_DAY,
        }
    }
}

/// The start of a day in UTC.
pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
