//! When an alert triggers and when it is armed again: a state machine on one number, the signal.
//!
//! A state waits for at most two marks, and no mark of a state is passed by the reading that led to it. So a reading concerns
//! an alert only if it passes a mark of its.

/// The least that a signal goes back before an alert is armed again: a millionth of the unit, or of the whole.
pub(super) const LEAST_REARM: i64 = 1;

/// What a condition asks of its signal. `back` is where the signal goes back to after a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// From one side of the level to at or beyond it.
    Crosses { level: i64, back_below: i64, back_above: i64 },
    /// From below the level to at or above it.
    CrossesAbove { level: i64, back: i64 },
    /// From above the level to at or below it.
    CrossesBelow { level: i64, back: i64 },
    /// At or above the level.
    AtOrAbove { level: i64, back: i64 },
    /// At or below the level.
    AtOrBelow { level: i64, back: i64 },
    /// From outside to within, bounds included.
    Enters { low: i64, high: i64, back_below: i64, back_above: i64 },
    /// From within to outside. Armed again from `back_low` to `back_high`.
    Leaves { low: i64, high: i64, back_low: i64, back_high: i64 },
    /// Never: its level is not known.
    Never,
}

/// A signal at one time, rounded to millionths both ways: it is at or above a mark if `floor` is, at or below if `ceil` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) floor: i64,
    pub(super) ceil: i64,
}

impl Reading {
    /// A signal that is whole.
    pub(super) fn exactly(signal: i64) -> Self {
        Self { floor: signal, ceil: signal }
    }

    /// The change from `earlier`, in millionths of it.
    pub(super) fn change(price: i64, earlier: i64) -> Self {
        let (change, base) = ((i128::from(price) - i128::from(earlier)) * 1_000_000, i128::from(earlier));
        let floor = change.div_euclid(base);
        let ceil = if change.rem_euclid(base) == 0 { floor } else { floor + 1 };
        let narrow = |wide: i128| i64::try_from(wide).unwrap_or(i64::MAX);
        Self { floor: narrow(floor), ceil: narrow(ceil) }
    }
}

/// Where an alert is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    /// Nothing has been seen, or nothing that sets a side.
    Fresh,
    /// The same of `Leaves`: at or below the channel.
    FreshBelow,
    /// At or above the channel.
    FreshAbove,
    /// Armed; of a rule with sides, on an unknown one.
    Armed,
    /// Armed, below the level or channel.
    ArmedBelow,
    /// Armed, above it.
    ArmedAbove,
    /// Triggered, and waiting for the signal to go back.
    Disarmed,
    /// The same of `Leaves`, below where it is armed again.
    DisarmedBelow,
    /// Above where it is armed again.
    DisarmedAbove,
    /// It does not trigger any more.
    Done,
}

/// A number that a signal passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Passed at or above it.
    Up(i64),
    /// Passed at or below it.
    Down(i64),
}

use Mark::{Down, Up};
use State::{
    Armed, ArmedAbove, ArmedBelow, Disarmed, DisarmedAbove, DisarmedBelow, Done, Fresh, FreshAbove, FreshBelow,
};

impl Rule {
    /// What the state waits for.
    pub(super) fn marks(self, state: State) -> [Option<Mark>; 2] {
        let (one, two) = (|mark| [Some(mark), None], |first, second| [Some(first), Some(second)]);
        match (self, state) {
            (Self::Never, _) | (_, Done) => [None, None],
            (Self::Crosses { level, .. }, ArmedBelow) => one(Up(level)),
            (Self::Crosses { level, .. }, ArmedAbove) => one(Down(level)),
            (Self::Crosses { back_below, back_above, .. }, Disarmed) => two(Down(back_below), Up(back_above)),
            (Self::Crosses { level, .. }, _) => two(Down(level - 1), Up(level + 1)),
            (Self::CrossesAbove { level, .. }, Fresh) => one(Down(level - 1)),
            (Self::CrossesBelow { level, .. }, Fresh) => one(Up(level + 1)),
            (Self::CrossesAbove { back, .. } | Self::AtOrAbove { back, .. }, Disarmed) => one(Down(back)),
            (Self::CrossesBelow { back, .. } | Self::AtOrBelow { back, .. }, Disarmed) => one(Up(back)),
            (Self::CrossesAbove { level, .. } | Self::AtOrAbove { level, .. }, _) => one(Up(level)),
            (Self::CrossesBelow { level, .. } | Self::AtOrBelow { level, .. }, _) => one(Down(level)),
            (Self::Enters { low, .. }, ArmedBelow) => one(Up(low)),
            (Self::Enters { high, .. }, ArmedAbove) => one(Down(high)),
            (Self::Enters { low, high, .. }, Armed) => two(Up(low), Down(high)),
            (Self::Enters { back_below, back_above, .. }, Disarmed) => two(Down(back_below), Up(back_above)),
            (Self::Enters { low, high, .. }, _) => two(Down(low - 1), Up(high + 1)),
            (Self::Leaves { low, .. }, FreshBelow) => one(Up(low + 1)),
            (Self::Leaves { high, .. }, FreshAbove) => one(Down(high - 1)),
            (Self::Leaves { low, high, .. }, Fresh) => two(Up(low + 1), Down(high - 1)),
            (Self::Leaves { back_low, .. }, DisarmedBelow) => one(Up(back_low)),
            (Self::Leaves { back_high, .. }, DisarmedAbove) => one(Down(back_high)),
            (Self::Leaves { back_low, back_high, .. }, Disarmed) => two(Up(back_low), Down(back_high)),
            (Self::Leaves { low, high, .. }, _) => two(Down(low - 1), Up(high + 1)),
        }
    }

    /// The state after a reading, and whether the condition is met. A met condition leaves the alert disarmed; of `Crosses` it may
    /// be armed again at once, by the same reading: see [`Rule::settle`].
    pub(super) fn step(self, state: State, reading: Reading) -> (State, bool) {
        let Reading { floor, ceil } = reading;
        let stay = (state, false);
        let go = |to| (to, false);
        const MET: (State, bool) = (Disarmed, true);
        match (self, state) {
            (Self::Never, _) | (_, Done) => stay,
            (Self::Crosses { level, .. }, ArmedBelow) => {
                if floor >= level {
                    MET
                } else {
                    stay
                }
            }
            (Self::Crosses { level, .. }, ArmedAbove) => {
                if ceil <= level {
                    MET
                } else {
                    stay
                }
            }
            (Self::Crosses { back_below, back_above, .. } | Self::Enters { back_below, back_above, .. }, Disarmed) => {
                if ceil <= back_below {
                    go(ArmedBelow)
                } else if floor >= back_above {
                    go(ArmedAbove)
                } else {
                    stay
                }
            }
            (Self::Crosses { level, .. }, _) => {
                if ceil < level {
                    go(ArmedBelow)
                } else if floor > level {
                    go(ArmedAbove)
                } else {
                    stay
                }
            }
            (Self::CrossesAbove { level, .. }, Fresh) => {
                if ceil < level {
                    go(Armed)
                } else {
                    stay
                }
            }
            (Self::CrossesBelow { level, .. }, Fresh) => {
                if floor > level {
                    go(Armed)
                } else {
                    stay
                }
            }
            (Self::CrossesAbove { back, .. } | Self::AtOrAbove { back, .. }, Disarmed) => {
                if ceil <= back {
                    go(Armed)
                } else {
                    stay
                }
            }
            (Self::CrossesBelow { back, .. } | Self::AtOrBelow { back, .. }, Disarmed) => {
                if floor >= back {
                    go(Armed)
                } else {
                    stay
                }
            }
            (Self::CrossesAbove { level, .. } | Self::AtOrAbove { level, .. }, _) => {
                if floor >= level {
                    MET
                } else {
                    stay
                }
            }
            (Self::CrossesBelow { level, .. } | Self::AtOrBelow { level, .. }, _) => {
                if ceil <= level {
                    MET
                } else {
                    stay
                }
            }
            (Self::Enters { low, high, .. }, Armed | ArmedBelow | ArmedAbove) => {
                if ceil < low {
                    go(ArmedBelow)
                } else if floor > high {
                    go(ArmedAbove)
                } else {
                    MET
                }
            }
            (Self::Enters { low, high, .. }, _) => {
                if ceil < low {
                    go(ArmedBelow)
                } else if floor > high {
                    go(ArmedAbove)
                } else {
                    stay
                }
            }
            (Self::Leaves { back_low, back_high, .. }, Disarmed | DisarmedBelow | DisarmedAbove) => {
                if floor < back_low {
                    go(DisarmedBelow)
                } else if ceil > back_high {
                    go(DisarmedAbove)
                } else {
                    go(Armed)
                }
            }
            (Self::Leaves { low, high, .. }, Fresh | FreshBelow | FreshAbove) => {
                if floor <= low {
                    go(FreshBelow)
                } else if ceil >= high {
                    go(FreshAbove)
                } else {
                    go(Armed)
                }
            }
            (Self::Leaves { low, high, .. }, _) => {
                if ceil < low || floor > high {
                    MET
                } else {
                    stay
                }
            }
        }
    }

    /// What a disarmed alert is after the reading that disarmed it: of `Crosses`, a price that jumped beyond the level by enough is
    /// on the other side of it.
    pub(super) fn settle(self, reading: Reading) -> State {
        self.step(Disarmed, reading).0
    }
}

/// The share of a level that a price goes back.
pub(super) fn share(level: i64, millionths: i32) -> i64 {
    let share = i128::from(level) * i128::from(millionths) / 1_000_000;
    i64::try_from(share).unwrap_or(i64::MAX / 4).max(LEAST_REARM)
}
