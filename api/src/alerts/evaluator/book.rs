//! The alerts of one symbol: what they wait for, and the last values that they were compared with.

use super::points::Points;
use super::rule::{LEAST_REARM, Reading, Rule, share};
use super::slots::{Flags, Kind, Slot};
use super::value::{Extremes, Value};
use super::window::Window;
use crate::db::alert_value::StoredValue;
use chrono::{DateTime, NaiveDate, Utc};
use std::borrow::Cow;
use watchtape_shared::Symbol;

/// The number of a side.
pub(super) const REGULAR: usize = 0;
pub(super) const EXTENDED: usize = 1;

/// What a mark is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// The price, in millionths.
    Price,
    /// The change since the previous close, in millionths of it.
    Change,
    /// The change within so many minutes, in millionths.
    Window(u16),
    /// Milliseconds without a price.
    Silence,
}

/// The last value of a side.
#[derive(Clone, Debug)]
pub(super) struct Last {
    pub(super) value: StoredValue,
    pub(super) is_extended: bool,
    /// `None` of a value that another node compared.
    pub(super) source: Option<Cow<'static, str>>,
}

/// The alerts of one session kind.
#[derive(Default)]
pub(super) struct Side {
    pub(super) last: Option<Last>,
    /// Whether a new value has come since this node runs the feed.
    pub(super) has_new: bool,
    price: Points,
    others: Option<Box<Others>>,
}

/// The signals that few symbols have alerts of.
#[derive(Default)]
struct Others {
    change: Points,
    silence: Points,
    windows: Vec<Window>,
}

/// The extremes of so many days.
pub(super) struct Level {
    pub(super) days: u16,
    /// The alerts that use it; without one it is given up.
    users: u32,
    /// The day that the days precede.
    pub(super) day: Option<NaiveDate>,
    /// `None` where it is not known.
    pub(super) extremes: Option<Extremes>,
}

/// One symbol.
pub(super) struct Book {
    pub(super) symbol: Symbol,
    pub(super) sides: [Side; 2],
    /// The slots of its alerts, by key.
    pub(super) slots: Vec<u32>,
    pub(super) levels: Vec<Level>,
    /// Triggers that are not stored yet.
    pub(super) pending: u32,
    /// Alerts whose phase has changed, and that is not stored yet.
    pub(super) changed_phases: u32,
    /// Whether values or phases are to be stored.
    pub(super) is_changed: bool,
}

impl Book {
    pub(super) fn new(symbol: Symbol) -> Self {
        let sides = [Side::default(), Side::default()];
        let (slots, levels) = (Vec::new(), Vec::new());
        Self { symbol, sides, slots, levels, pending: 0, changed_phases: 0, is_changed: false }
    }

    pub(super) fn side_of(slot: &Slot) -> usize {
        if slot.flags.has(Flags::EXTENDED) { EXTENDED } else { REGULAR }
    }

    /// What an alert asks, and of what.
    pub(super) fn rule(&self, slot: &Slot) -> (Signal, Rule) {
        let (level, high) = (slot.first, slot.second);
        let back = share(level, slot.rearm);
        let points = i64::from(slot.rearm).max(LEAST_REARM);
        match slot.kind {
            Kind::Crosses => {
                (Signal::Price, Rule::Crosses { level, back_below: level - back, back_above: level + back })
            }
            Kind::CrossesAbove => (Signal::Price, Rule::CrossesAbove { level, back: level - back }),
            Kind::CrossesBelow => (Signal::Price, Rule::CrossesBelow { level, back: level + back }),
            Kind::Above => (Signal::Price, Rule::AtOrAbove { level, back: level - back }),
            Kind::Below => (Signal::Price, Rule::AtOrBelow { level, back: level + back }),
            Kind::Change | Kind::Moves => {
                let signal = if slot.kind == Kind::Change { Signal::Change } else { Signal::Window(high as u16) };
                let rule = if level > 0 {
                    Rule::AtOrAbove { level, back: level - points }
                } else {
                    Rule::AtOrBelow { level, back: level + points }
                };
                (signal, rule)
            }
            Kind::Enters => {
                let (back_below, back_above) = (level - back, high + share(high, slot.rearm));
                (Signal::Price, Rule::Enters { low: level, high, back_below, back_above })
            }
            Kind::Leaves => {
                // In a narrow channel, its middle half.
                let most = ((high - level) / 4).max(LEAST_REARM);
                let (back_low, back_high) = (level + back.min(most), high - share(high, slot.rearm).min(most));
                (Signal::Price, Rule::Leaves { low: level, high, back_low, back_high })
            }
            Kind::NewHigh => {
                let rule = self.extremes(high).map_or(Rule::Never, |Extremes { high, .. }| {
                    let high = high.micros();
                    Rule::AtOrAbove { level: high + 1, back: high - share(high, slot.rearm) }
                });
                (Signal::Price, rule)
            }
            Kind::NewLow => {
                let rule = self.extremes(high).map_or(Rule::Never, |Extremes { low, .. }| {
                    let low = low.micros();
                    Rule::AtOrBelow { level: low - 1, back: low + share(low, slot.rearm) }
                });
                (Signal::Price, rule)
            }
            Kind::Stale => (Signal::Silence, Rule::AtOrAbove { level: high * 60_000, back: 0 }),
        }
    }

    fn extremes(&self, days: i64) -> Option<Extremes> {
        self.levels.iter().find(|level| i64::from(level.days) == days)?.extremes
    }

    /// Puts an alert where its state waits.
    pub(super) fn place(&mut self, at: u32, slot: &Slot) {
        let (signal, rule) = self.rule(slot);
        let side = &mut self.sides[Self::side_of(slot)];
        for mark in rule.marks(slot.state).into_iter().flatten() {
            side.points_mut(signal).insert(mark, at);
        }
    }

    /// Takes an alert from where its state waits.
    pub(super) fn displace(&mut self, at: u32, slot: &Slot) {
        let (signal, rule) = self.rule(slot);
        let side = &mut self.sides[Self::side_of(slot)];
        for mark in rule.marks(slot.state).into_iter().flatten() {
            side.points_mut(signal).remove(mark, at);
        }
    }

    /// Counts an alert as a user of the window or the level that it needs.
    pub(super) fn add_user(&mut self, slot: &Slot) {
        match slot.kind {
            Kind::Moves => self.sides[Self::side_of(slot)].window_mut(slot.second as u16).users += 1,
            Kind::NewHigh | Kind::NewLow => {
                let days = slot.second as u16;
                if !self.levels.iter().any(|level| level.days == days) {
                    self.levels.push(Level { days, users: 0, day: None, extremes: None });
                }
                self.levels.iter_mut().filter(|level| level.days == days).for_each(|level| level.users += 1);
            }
            _ => {}
        }
    }

    /// The other way round. The alert's marks have been taken away.
    pub(super) fn remove_user(&mut self, slot: &Slot) {
        match slot.kind {
            Kind::Moves => {
                let side = &mut self.sides[Self::side_of(slot)];
                side.window_mut(slot.second as u16).users -= 1;
                side.others_mut().windows.retain(|window| window.users > 0);
            }
            Kind::NewHigh | Kind::NewLow => {
                let of_alert = |level: &&mut Level| i64::from(level.days) == slot.second;
                self.levels.iter_mut().filter(of_alert).for_each(|level| level.users -= 1);
                self.levels.retain(|level| level.users > 0);
            }
            _ => {}
        }
    }
}

impl Side {
    fn others_mut(&mut self) -> &mut Others {
        self.others.get_or_insert_default()
    }

    fn window_mut(&mut self, minutes: u16) -> &mut Window {
        let windows = &mut self.others.get_or_insert_default().windows;
        let at = windows.iter().position(|window| window.minutes == minutes).unwrap_or_else(|| {
            windows.push(Window::new(minutes));
            windows.len() - 1
        });
        &mut windows[at]
    }

    fn points_mut(&mut self, signal: Signal) -> &mut Points {
        match signal {
            Signal::Price => &mut self.price,
            Signal::Change => &mut self.others_mut().change,
            Signal::Silence => &mut self.others_mut().silence,
            Signal::Window(minutes) => &mut self.window_mut(minutes).points,
        }
    }

    /// Adds the slots whose marks a value passes, each with the reading that does.
    pub(super) fn passed(&mut self, value: &Value, slots: &mut Vec<u32>, found: &mut Vec<(u32, Reading)>) {
        let mut take = |points: &Points, reading: Reading| {
            points.passed(reading, slots);
            found.extend(slots.drain(..).map(|slot| (slot, reading)));
        };
        take(&self.price, Reading::exactly(value.price.micros()));
        let Some(others) = &mut self.others else { return };
        take(&others.silence, Reading::exactly(0));
        if let Some(close) = value.previous_close {
            take(&others.change, Reading::change(value.price.micros(), close.micros()));
        }
        for window in &mut others.windows {
            let reading = window.take(value.price, value.as_of);
            take(&window.points, reading);
        }
    }

    /// Adds the slots of alerts that wait for a silence of at most so many milliseconds.
    pub(super) fn passed_by_silence(&self, silence_ms: i64, slots: &mut Vec<u32>) {
        if let Some(others) = &self.others {
            // Only what waits for a price has marks below.
            others.silence.passed(Reading { floor: silence_ms, ceil: i64::MAX }, slots);
        }
    }

    /// The reading of the last value, for an alert that it counts for.
    pub(super) fn last_reading(&self, signal: Signal) -> Option<Reading> {
        let last = &self.last.as_ref()?.value;
        match signal {
            Signal::Price => Some(Reading::exactly(last.price.micros())),
            Signal::Change => Some(Reading::change(last.price.micros(), last.previous_close?.micros())),
            Signal::Window(_) | Signal::Silence => None,
        }
    }

    /// When its last price came.
    pub(super) fn last_seen_at(&self) -> Option<DateTime<Utc>> {
        self.last.as_ref().map(|last| last.value.seen_at)
    }
}
