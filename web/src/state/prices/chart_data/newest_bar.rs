//! Extends the newest bar as prices arrive.

use super::bars::{self, BarLength};
use super::time_range::TimeRange;
use super::{ChartData, HALF_HOUR_S};
use crate::state::prices::quotes::Cell;
use leptos::prelude::*;

impl ChartData {
    /// Extends the newest bar, or begins the next one, with each price.
    pub(super) fn follow(self, cell: ArcRwSignal<Cell>) {
        let drawn = StoredValue::new(None::<TimeRange>);
        crate::view::reactive::effect(move || {
            let Some(range) = self.shown() else { return };
            let last = self.bars.with(|bars| bars.last().copied());
            let length = match range {
                TimeRange::Day => BarLength::Seconds(60),
                TimeRange::Week => BarLength::Seconds(HALF_HOUR_S),
                _ => BarLength::Day { offset_s: self.offset_s.get() },
            };
            // Prices since the bars were loaded are kept, unless bars of another length were loaded.
            let was = drawn.try_update_value(|drawn| drawn.replace(range)).flatten();
            let before = self.newest.get_untracked().filter(|_| was == Some(range));
            let held = match (before, last) {
                (Some(before), Some(last)) if before.start == last.start => Some(last.widened_by(before)),
                (Some(before), Some(last)) if before.start < last.start => Some(last),
                (before, last) => before.or(last),
            };
            let newest = cell.with(|cell| bars::extended(held, cell.quote.as_ref()?, length)).or(held);
            let before = self.newest.get_untracked();
            if before == newest {
                return;
            }
            self.newest.set(newest);
            if last.is_none() && before.is_some_and(|before| Some(before.start) != newest.map(|bar| bar.start)) {
                // Nothing was recorded until now, and the first bar has just ended.
                self.load();
            }
        });
    }
}
