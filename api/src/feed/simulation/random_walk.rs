//! A random walk between two prices, minute by minute, within a range (a Brownian bridge with reflecting bounds).

use super::noise::Noise;
use super::security_model::{SecurityModel, log};
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;
use watchtape_shared::{Bar, Price};

/// The standard deviation of the walk's distance from the straight line, halfway, as a share of the range.
const BRIDGE_WIDTH: f64 = 0.3;

/// A walk over whole minutes.
pub(super) struct RandomWalk {
    pub(super) noise: Noise,
    /// From its first minute to the end of its last.
    pub(super) hours: Range<DateTime<Utc>>,
    /// The first price and the last.
    pub(super) end_prices: (Price, Price),
    /// The lowest price and the highest.
    pub(super) price_range: (Price, Price),
    /// The expected volume of a minute, in shares.
    pub(super) shares_per_minute: f64,
}

impl RandomWalk {
    /// The bars of its minutes. Each opens at the close of the one before.
    pub(super) fn bars(&self, model: &SecurityModel) -> Vec<Bar> {
        let (low, high) = self.price_range;
        let mut prices: Vec<Price> =
            self.levels().into_iter().map(|level| model.price(level).clamp(low, high)).collect();
        if let [first, .., last] = prices.as_mut_slice() {
            (*first, *last) = self.end_prices;
        }
        let minute = |(number, pair): (i64, &[Price])| {
            let (open, close) = (pair[0], pair[1]);
            // High and low are a little beyond open and close.
            let by = |part| 0.1 * (log(high) - log(low)) * self.noise.part(part).normal(number).abs() / 3.0;
            let volume = self.shares_per_minute * (0.4 + 1.2 * self.noise.part(3).unit(number));
            Bar {
                start: self.hours.start + TimeDelta::minutes(number),
                open,
                high: model.price(log(open.max(close)) + by(1)).min(high).max(open).max(close),
                low: model.price(log(open.min(close)) - by(2)).max(low).min(open).min(close),
                close,
                volume: Some(volume as u64),
            }
        };
        (0..).zip(prices.windows(2)).map(minute).collect()
    }

    /// The logarithms of the prices at its minutes' bounds: a bridge between both end prices, reflected at the range.
    fn levels(&self) -> Vec<f64> {
        let steps = (self.hours.end - self.hours.start).num_minutes();
        if steps <= 0 {
            return Vec::new();
        }
        let (from, to) = (log(self.end_prices.0), log(self.end_prices.1));
        let (low, high) = (log(self.price_range.0), log(self.price_range.1));
        let (begin, end) = (self.noise.walk(0), self.noise.walk(steps));
        let scale = BRIDGE_WIDTH * 2.0 * (high - low) / (steps as f64).sqrt();
        let mut levels: Vec<f64> = (0..=steps)
            .map(|step| {
                let along = step as f64 / steps as f64;
                let straight = from + (to - from) * along;
                straight + scale * (self.noise.walk(step) - begin - (end - begin) * along)
            })
            .collect();
        // Reflected rather than clamped: clamping would give hours of one price near the day's high or low.
        for level in &mut levels {
            *level = reflect(*level, low, high);
        }
        levels
    }
}

/// The level, reflected at the bounds of the range until it is within.
fn reflect(level: f64, low: f64, high: f64) -> f64 {
    let span = high - low;
    if span <= 0.0 {
        return low;
    }
    let beyond = (level - low).rem_euclid(2.0 * span);
    low + if beyond > span { 2.0 * span - beyond } else { beyond }
}
