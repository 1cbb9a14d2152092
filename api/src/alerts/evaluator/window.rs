//! The prices of a symbol within the last minutes, for `moves_percent`.
//!
//! A window keeps the first price of each of its sixty parts, so that it is bounded however many prices come: one of a minute
//! keeps a price a second, one of a day a price every 24 minutes.

use super::points::Points;
use super::rule::Reading;
use chrono::{DateTime, Utc};
use std::collections::VecDeque;
use watchtape_shared::Price;

const MICROS: i64 = 1_000_000;
/// A part of a window of so many minutes has as many seconds.
const PARTS: i64 = 60;

/// The window of so many minutes.
pub(super) struct Window {
    pub(super) minutes: u16,
    /// The alerts that use it; without one it is given up.
    pub(super) users: u32,
    pub(super) points: Points,
    /// Times and prices, in millionths; ascending.
    ring: VecDeque<(i64, i64)>,
}

impl Window {
    pub(super) fn new(minutes: u16) -> Self {
        Self { minutes, users: 0, points: Points::default(), ring: VecDeque::new() }
    }

    /// Takes a price, and returns its change against the oldest one of the window, itself included. A time before the last one
    /// begins the window anew.
    pub(super) fn take(&mut self, price: Price, as_of: DateTime<Utc>) -> Reading {
        let (price, at) = (price.micros(), as_of.timestamp_micros());
        let part = i64::from(self.minutes) * MICROS;
        if self.ring.back().is_some_and(|(last, _)| *last > at) {
            self.ring.clear();
        }
        if self.ring.back().is_none_or(|(last, _)| last.div_euclid(part) < at.div_euclid(part)) {
            self.ring.push_back((at, price));
        }
        let from = at - part * PARTS;
        while self.ring.front().is_some_and(|(first, _)| *first < from) {
            self.ring.pop_front();
        }
        Reading::change(price, self.ring.front().map_or(price, |(_, oldest)| *oldest))
    }
}
