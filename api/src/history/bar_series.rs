//! The open bars of one symbol and interval: the newest one and the one before. Deliberately absent: volume, which
//! `bars.rs` computes.

use chrono::{DateTime, Utc};
use watchtape_shared::{Bar, Price};

/// A bar that may still change.
pub(super) struct OpenBar {
    pub(super) bar: Bar,
    /// The time of its newest price.
    as_of: DateTime<Utc>,
    /// Whether it has changes that are not stored.
    pub(super) is_dirty: bool,
}

impl OpenBar {
    fn new(start: DateTime<Utc>, price: Price, as_of: DateTime<Utc>) -> Self {
        Self { bar: Bar::of(start, price), as_of, is_dirty: true }
    }

    /// Records a price within the bar. A late one extends high and low; only a newer one becomes the close.
    fn record(&mut self, price: Price, as_of: DateTime<Utc>) {
        let close = if as_of >= self.as_of { price } else { self.bar.close };
        let (high, low) = (self.bar.high.max(price), self.bar.low.min(price));
        self.as_of = self.as_of.max(as_of);
        self.set(Bar { high, low, close, ..self.bar });
    }

    pub(super) fn set(&mut self, bar: Bar) {
        self.is_dirty |= bar != self.bar;
        self.bar = bar;
    }
}

/// The open bars: the newest, and the one before it, for late ticks.
#[derive(Default)]
pub(super) struct Series {
    newest: Option<OpenBar>,
    before: Option<OpenBar>,
}

impl Series {
    /// Records a price in the bar that starts at `start`; one older than both open bars is ignored. Returns an evicted
    /// bar that was not stored, and the price's bar unless the price was late.
    pub(super) fn record(
        &mut self,
        start: DateTime<Utc>,
        price: Price,
        as_of: DateTime<Utc>,
    ) -> (Option<Bar>, Option<&mut OpenBar>) {
        if self.newest.as_ref().is_none_or(|newest| newest.bar.start < start) {
            let evicted = std::mem::replace(&mut self.before, self.newest.take());
            let unstored = evicted.filter(|open_bar| open_bar.is_dirty).map(|open_bar| open_bar.bar);
            return (unstored, Some(self.newest.insert(OpenBar::new(start, price, as_of))));
        }
        let open_bar = self.open_bars().find(|open_bar| open_bar.bar.start == start).and_then(|open_bar| {
            let is_late = as_of < open_bar.as_of;
            open_bar.record(price, as_of);
            (!is_late).then_some(open_bar)
        });
        (None, open_bar)
    }

    /// The open bars, the older one first.
    pub(super) fn open_bars(&mut self) -> impl Iterator<Item = &mut OpenBar> {
        self.before.iter_mut().chain(self.newest.iter_mut())
    }
}
