//! The closes of one security's days, which end at one that is known, and what lies between them.

use super::listing::{DAY_OF_STEPS, Listing, MARKET_MOVE, MINUTES_A_DAY, log};
use super::noise::Noise;
use super::random_walk::RandomWalk;
use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use std::ops::Range;
use watchtape_shared::{Bar, Price};

/// How much of its level a security gains in a day without chance: about 5 % a year.
const DRIFT: f64 = 0.000_2;
/// What each kind of chance has of a security's noise; `listing.rs` has the parts from 10 on.
const LEVEL: u64 = 1;
const GAP: u64 = 2;
const SESSION: u64 = 3;
const MORNING: u64 = 4;
const VOLUME: u64 = 5;

/// The closes of one security's days.
pub(super) struct PricePath {
    pub(super) listing: Listing,
    market: Noise,
    /// The logarithm of the last close.
    end: f64,
    /// What brings the walk there.
    shift: f64,
}

impl PricePath {
    /// The closes up to one that is known.
    pub(super) fn to(listing: Listing, seed: u64, day: NaiveDate, close: Price) -> Self {
        let end = log(close);
        let mut line = Self { listing, market: Noise::named(seed, ""), end, shift: 0.0 };
        line.shift = end - line.level(day);
        line
    }

    /// The logarithm of a day's close.
    fn level(&self, day: NaiveDate) -> f64 {
        // Weekdays are counted, so that a weekend is one step.
        let days = i64::from(day.num_days_from_ce()) - 1;
        let at = days / 7 * 5 + (days % 7).min(4);
        let own = self.listing.noise.part(LEVEL).walk(at) * self.listing.own_move * DAY_OF_STEPS;
        let market = self.market.walk(at) * self.listing.beta * MARKET_MOVE;
        self.shift + own + market + DRIFT * at as f64
    }

    /// The first price of a day, after a close of this logarithm.
    fn open(&self, close_before: f64, day: NaiveDate) -> Price {
        let gap = self.listing.noise.part(GAP).normal(day.num_days_from_ce().into());
        self.listing.price(close_before + 0.3 * self.listing.day_move() * gap)
    }

    /// The bar of a trading day. `before` is the trading day before it.
    pub(super) fn day(&self, day: NaiveDate, before: NaiveDate) -> Bar {
        let (open, close) = (self.open(self.level(before), day), self.listing.price(self.level(day)));
        let (low, high) = self.listing.reach(day, open, close);
        let chance = self.listing.noise.part(VOLUME).normal(day.num_days_from_ce().into());
        let volume = self.listing.shares_a_day() * (0.35 * chance).exp();
        Bar { start: midnight(day), open, high, low, close, volume: Some(volume as u64) }
    }

    /// The course of a session whose whole is known.
    pub(super) fn session(&self, day: Bar, hours: Range<DateTime<Utc>>) -> RandomWalk {
        let noise = self.listing.noise.part(SESSION).part(day.start.timestamp().cast_unsigned());
        let minutes = (hours.end - hours.start).num_minutes().max(1) as f64;
        RandomWalk {
            noise,
            hours,
            ends: (day.open, day.close),
            range: (day.low, day.high),
            shares_a_minute: day.volume.unwrap_or(0) as f64 / minutes,
        }
    }

    /// The course of a day after the last close, up to a minute with this price. `session` is the day's first price, its
    /// lowest and its highest, where they are known.
    pub(super) fn morning(
        &self,
        day: NaiveDate,
        session: Option<(Price, Price, Price)>,
        until: DateTime<Utc>,
        price: Price,
    ) -> RandomWalk {
        let open = session.map_or_else(|| self.open(self.end, day), |(open, ..)| open);
        let (mut low, mut high) = self.listing.reach(day, open, price);
        if let Some((_, lowest, highest)) = session {
            (low, high) = (low.max(lowest).min(open).min(price), high.min(highest).max(open).max(price));
        }
        RandomWalk {
            noise: self.listing.noise.part(MORNING).part(midnight(day).timestamp().cast_unsigned()),
            hours: midnight(day)..until,
            ends: (open, price),
            range: (low, high),
            shares_a_minute: self.listing.shares_a_day() / MINUTES_A_DAY,
        }
    }
}

/// The moment at which a day begins, in UTC.
pub(super) fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
