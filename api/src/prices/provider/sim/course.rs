//! The way of a price from one to another, minute by minute, within a range.

use super::listing::{Listing, log};
use super::noise::Noise;
use chrono::{DateTime, TimeDelta, Utc};
use std::ops::Range;
use watchtape_shared::{Bar, Price};

/// How much more or less than its share of the range a walk may be stretched to reach the range's ends.
const MOST_STRETCH: f64 = 2.0;
/// The standard deviation of a walk's distance from the straight way, halfway, as a part of the range.
const WIDTH: f64 = 0.3;

/// A course over whole minutes.
pub(super) struct Course {
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

impl Course {
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

    /// The logarithms of the prices between its minutes: a walk that is tied to both ends, and stretched so that it stays
    /// within the range.
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
        // What is beyond both ends of the course is stretched to reach the range's own ends, or shrunk to stay within.
        let (bottom, top) = (from.min(to), from.max(to));
        let lowest = levels.iter().copied().fold(bottom, f64::min);
        let highest = levels.iter().copied().fold(top, f64::max);
        let stretch = |room: f64, used: f64| if used > 0.0 { (room / used).min(MOST_STRETCH) } else { 0.0 };
        let (down, up) = (stretch(bottom - low, bottom - lowest), stretch(high - top, highest - top));
        for level in &mut levels {
            if *level < bottom {
                *level = bottom - (bottom - *level) * down;
            } else if *level > top {
                *level = top + (*level - top) * up;
            }
        }
        levels
    }
}
