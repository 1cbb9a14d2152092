//! The way of a price from one to another, minute by minute, within a range.

use super::listing::{Listing, log};
use super::noise::Noise;
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;
use watchtape_shared::{Bar, Price};

/// The standard deviation of a walk's distance from the straight way, halfway, as a part of the range.
const WIDTH: f64 = 0.3;

/// A course over whole minutes.
pub(super) struct RandomWalk {
    pub(super) noise: Noise,
    /// From its first minute to the minute after its last.
    pub(super) hours: Range<DateTime<Utc>>,
    /// The first price and the last.
    pub(super) ends: (Price, Price),
    /// The lowest price and the highest.
    pub(super) range: (Price, Price),
    /// About how many shares are traded in a minute.
    pub(super) shares_a_minute: f64,
}

impl RandomWalk {
    /// The bars of its minutes: each begins where the one before ended.
    pub(super) fn bars(&self, listing: &Listing) -> Vec<Bar> {
        let (low, high) = self.range;
        let mut prices: Vec<Price> =
            self.levels().into_iter().map(|level| listing.price(level).clamp(low, high)).collect();
        if let [first, .., last] = prices.as_mut_slice() {
            (*first, *last) = self.ends;
        }
        let minute = |(number, pair): (i64, &[Price])| {
            let (open, close) = (pair[0], pair[1]);
            // A little beyond both, as a price that moves within the minute goes.
            let by = |part| 0.1 * (log(high) - log(low)) * self.noise.part(part).normal(number).abs() / 3.0;
            let volume = self.shares_a_minute * (0.4 + 1.2 * self.noise.part(3).unit(number));
            Bar {
                start: self.hours.start + TimeDelta::minutes(number),
                open,
                high: listing.price(log(open.max(close)) + by(1)).min(high).max(open).max(close),
                low: listing.price(log(open.min(close)) - by(2)).max(low).min(open).min(close),
                close,
                volume: Some(volume as u64),
            }
        };
        (0..).zip(prices.windows(2)).map(minute).collect()
    }

    /// The logarithms of the prices between its minutes: a walk that is tied to both ends, and turned back where it would
    /// leave the range.
    fn levels(&self) -> Vec<f64> {
        let steps = (self.hours.end - self.hours.start).num_minutes();
        if steps <= 0 {
            return Vec::new();
        }
        let (from, to) = (log(self.ends.0), log(self.ends.1));
        let (low, high) = (log(self.range.0), log(self.range.1));
        let (begin, end) = (self.noise.walk(0), self.noise.walk(steps));
        let scale = WIDTH * 2.0 * (high - low) / (steps as f64).sqrt();
        let mut levels: Vec<f64> = (0..=steps)
            .map(|step| {
                let along = step as f64 / steps as f64;
                let straight = from + (to - from) * along;
                straight + scale * (self.noise.walk(step) - begin - (end - begin) * along)
            })
            .collect();
        // What would leave the range is turned back at its end. To squeeze it in there instead would draw hours of one
        // price wherever the course ends near the day's high or low.
        for level in &mut levels {
            *level = folded(*level, low, high);
        }
        levels
    }
}

/// A level beyond the range, turned back at the range's ends as often as it takes.
fn folded(level: f64, low: f64, high: f64) -> f64 {
    let span = high - low;
    if span <= 0.0 {
        return low;
    }
    let beyond = (level - low).rem_euclid(2.0 * span);
    low + if beyond > span { 2.0 * span - beyond } else { beyond }
}
