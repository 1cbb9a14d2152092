//! The alerts in memory, 68 bytes each, by slot number. In chunks, as a vector that doubles would hold twice what it needs.

use super::key::AlertKey;
use super::rule::State;
use crate::db::alert::phase;
use crate::db::alert_watch::WatchedAlert;
use chrono::{DateTime, Datelike, Utc};
use watchtape_shared::alert::{AlertSession, Condition, Frequency};

const CHUNK_LEN: usize = 1024;

/// The kinds of conditions, without their numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Crosses,
    CrossesAbove,
    CrossesBelow,
    Above,
    Below,
    Change,
    Moves,
    Enters,
    Leaves,
    NewHigh,
    NewLow,
    Stale,
}

/// How often an alert triggers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    Once,
    OncePerSession,
    EveryTime,
}

/// Before the first trigger.
pub(super) const NEVER: i64 = i64::MIN;

/// One alert. Packed, as its 8-byte numbers would else have four bytes of padding behind them.
#[derive(Clone, Copy, Debug)]
#[repr(Rust, packed(4))]
pub(super) struct Slot {
    pub(super) key: AlertKey,
    /// The level, the low bound, or the percentage in millionths.
    pub(super) first: i64,
    /// The high bound, the window in minutes, the days, or the minutes.
    pub(super) second: i64,
    /// The last trigger: of `EveryTime` the microseconds of its price, of `OncePerSession` its trading day.
    pub(super) last: i64,
    /// In seconds.
    pub(super) armed_at: u32,
    pub(super) arming: u32,
    pub(super) version: u32,
    pub(super) book: u32,
    /// In millionths.
    pub(super) rearm: i32,
    pub(super) cooldown_s: u32,
    pub(super) kind: Kind,
    pub(super) repeat: Repeat,
    pub(super) state: State,
    pub(super) flags: Flags,
}

/// What else is true of an alert.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Flags(u8);

impl Flags {
    /// It counts prices outside regular hours.
    pub(super) const EXTENDED: u8 = 1;
    /// It has triggered, and that is not stored yet.
    pub(super) const PENDING: u8 = 2;
    /// Its phase has changed, and that is not stored yet.
    pub(super) const PHASE_CHANGED: u8 = 4;
    /// It ends at some time.
    pub(super) const EXPIRES: u8 = 8;

    pub(super) fn has(self, flag: u8) -> bool {
        self.0 & flag != 0
    }

    pub(super) fn set(&mut self, flag: u8, is_set: bool) {
        self.0 = if is_set { self.0 | flag } else { self.0 & !flag };
    }
}

/// The phase of a state, as it is stored.
pub(super) fn phase_of(state: State) -> i32 {
    match state {
        State::Fresh | State::FreshBelow | State::FreshAbove => phase::FRESH,
        State::Armed | State::ArmedBelow | State::ArmedAbove => phase::ARMED,
        State::Disarmed | State::DisarmedBelow | State::DisarmedAbove | State::Done => phase::DISARMED,
    }
}

/// A time in whole seconds.
pub(super) fn seconds(at: DateTime<Utc>) -> u32 {
    u32::try_from(at.timestamp().max(0)).unwrap_or(u32::MAX)
}

/// An alert as it is held in memory.
pub(super) fn slot_of(alert: &WatchedAlert, key: AlertKey, book: u32) -> Slot {
    let (kind, first, second) = match alert.condition {
        Condition::Crosses { price } => (Kind::Crosses, price.micros(), 0),
        Condition::CrossesAbove { price } => (Kind::CrossesAbove, price.micros(), 0),
        Condition::CrossesBelow { price } => (Kind::CrossesBelow, price.micros(), 0),
        Condition::Above { price } => (Kind::Above, price.micros(), 0),
        Condition::Below { price } => (Kind::Below, price.micros(), 0),
        Condition::ChangePercent { percent } => (Kind::Change, percent.millionths().into(), 0),
        Condition::MovesPercent { percent, within_minutes } => {
            (Kind::Moves, percent.millionths().into(), within_minutes.into())
        }
        Condition::Enters { low, high } => (Kind::Enters, low.micros(), high.micros()),
        Condition::Leaves { low, high } => (Kind::Leaves, low.micros(), high.micros()),
        Condition::NewHigh { days } => (Kind::NewHigh, 0, days.into()),
        Condition::NewLow { days } => (Kind::NewLow, 0, days.into()),
        Condition::Stale { minutes } => (Kind::Stale, 0, minutes.into()),
    };
    let (repeat, last) = match alert.frequency {
        Frequency::Once => (Repeat::Once, None),
        Frequency::OncePerSession => {
            (Repeat::OncePerSession, alert.last_trigger_day.map(|day| day.num_days_from_ce().into()))
        }
        Frequency::EveryTime => (Repeat::EveryTime, alert.last_trigger_as_of.map(|at| at.timestamp_micros())),
    };
    let state = match alert.phase {
        phase::DISARMED => State::Disarmed,
        phase::ARMED => State::Armed,
        _ => State::Fresh,
    };
    let mut flags = Flags::default();
    flags.set(Flags::EXTENDED, alert.session == AlertSession::Extended);
    Slot {
        key,
        first,
        second,
        last: last.unwrap_or(NEVER),
        armed_at: seconds(alert.armed_at),
        arming: alert.arming,
        version: alert.version,
        book,
        rearm: alert.rearm.millionths(),
        cooldown_s: alert.cooldown_s,
        kind,
        repeat,
        state,
        flags,
    }
}

/// All slots, and those that are free.
#[derive(Default)]
pub(super) struct Slots {
    chunks: Vec<Vec<Slot>>,
    free: Vec<u32>,
    len: usize,
}

impl Slots {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn insert(&mut self, slot: Slot) -> u32 {
        self.len += 1;
        if let Some(at) = self.free.pop() {
            *self.get_mut(at) = slot;
            return at;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK_LEN) {
            self.chunks.push(Vec::with_capacity(CHUNK_LEN));
        }
        let number = self.chunks.len() - 1;
        let chunk = self.chunks.last_mut().expect("pushed above");
        chunk.push(slot);
        (number * CHUNK_LEN + chunk.len() - 1) as u32
    }

    pub(super) fn remove(&mut self, at: u32) {
        self.len -= 1;
        self.free.push(at);
    }

    pub(super) fn get(&self, at: u32) -> &Slot {
        &self.chunks[at as usize / CHUNK_LEN][at as usize % CHUNK_LEN]
    }

    pub(super) fn get_mut(&mut self, at: u32) -> &mut Slot {
        &mut self.chunks[at as usize / CHUNK_LEN][at as usize % CHUNK_LEN]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_small() {
        assert_eq!(size_of::<Slot>(), 68);
    }
}
