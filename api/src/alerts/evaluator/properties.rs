//! The evaluator against one that looks at every alert at every value, by the definitions of the conditions.

mod naive;

use super::{AlertKey, Changes, Evaluator, Extremes, ExtremesRequest, OpenSince, Trigger, Value};
use crate::db::alert::phase;
use crate::db::alert_value::StoredValue;
use crate::db::alert_watch::WatchedAlert;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use naive::{Naive, NaiveEvaluator, Stand, Told};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::HashMap;
use watchtape_shared::alert::{AlertSession, Condition, Frequency};
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::Source;
use watchtape_shared::{AlertId, Percent, Price, Symbol};

const SYMBOLS: [&str; 2] = ["AAPL", "MSFT"];

/// What happens.
#[derive(Clone, Debug)]
enum Step {
    Value {
        symbol: usize,
        price: i64,
        gap_s: i64,
        is_extended: bool,
        is_simulated: bool,
        has_close: bool,
    },
    NextDay,
    Insert {
        symbol: usize,
        condition: Condition,
        frequency: Frequency,
        rearm: i32,
        session: AlertSession,
        ends: Option<i64>,
    },
    Pause(usize),
    /// Resumes it, or starts it anew under another condition.
    Change(usize, Option<Condition>),
    /// Changes what decides nothing.
    Note(usize),
    /// Triggers so far are stored.
    Store,
    /// The extremes that are asked for are found, or are not there.
    Extremes(bool),
    Time {
        gap_s: i64,
        is_open: bool,
    },
    /// Another node goes on.
    Takeover,
}

fn price(steps: i64) -> Price {
    Price::from_micros(100_000_000 + steps * 50_000).expect("a price")
}

fn level() -> impl Strategy<Value = Price> {
    (-8..=8i64).prop_map(price)
}

fn percent() -> impl Strategy<Value = Percent> {
    let near = prop_oneof![Just(500), Just(1_000), Just(2_500), Just(5_000), Just(333)];
    (near, any::<bool>()).prop_map(|(size, up)| Percent::from_millionths(if up { size } else { -size }).expect("small"))
}

fn condition() -> impl Strategy<Value = Condition> {
    let channel = || (-8..=7i64, 1..=8i64).prop_map(|(low, width)| (price(low), price(low + width)));
    prop_oneof![
        level().prop_map(|price| Condition::Crosses { price }),
        level().prop_map(|price| Condition::CrossesAbove { price }),
        level().prop_map(|price| Condition::CrossesBelow { price }),
        level().prop_map(|price| Condition::Above { price }),
        level().prop_map(|price| Condition::Below { price }),
        percent().prop_map(|percent| Condition::ChangePercent { percent }),
        (percent(), 1..=4u16)
            .prop_map(|(percent, minutes)| Condition::MovesPercent { percent, within_minutes: minutes * 2 }),
        channel().prop_map(|(low, high)| Condition::Enters { low, high }),
        channel().prop_map(|(low, high)| Condition::Leaves { low, high }),
        (5..=6u16).prop_map(|days| Condition::NewHigh { days }),
        (5..=6u16).prop_map(|days| Condition::NewLow { days }),
        (1..=5u16).prop_map(|minutes| Condition::Stale { minutes }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let rearm = prop_oneof![Just(0), Just(500), Just(1_000), Just(4_000)];
    let session = prop_oneof![3 => Just(AlertSession::Regular), 1 => Just(AlertSession::Extended)];
    let frequency = prop_oneof![Just(Frequency::Once), Just(Frequency::OncePerSession), Just(Frequency::EveryTime)];
    let ends = prop_oneof![4 => Just(None), 1 => (0..2_000i64).prop_map(Some)];
    let gap = prop_oneof![4 => 0..40i64, 1 => 0..400i64];
    let value = (
        0..2usize,
        -10..=10i64,
        gap,
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.03),
        prop::bool::weighted(0.8),
    );
    prop_oneof![
        24 => value.prop_map(|(symbol, price, gap_s, is_extended, is_simulated, has_close)| {
            Step::Value { symbol, price, gap_s, is_extended, is_simulated, has_close }
        }),
        1 => Just(Step::NextDay),
        8 => (0..2usize, condition(), frequency, rearm, session, ends).prop_map(
            |(symbol, condition, frequency, rearm, session, ends)| {
                Step::Insert { symbol, condition, frequency, rearm, session, ends }
            }
        ),
        1 => (0..20usize).prop_map(Step::Pause),
        2 => (0..20usize, prop::option::of(condition())).prop_map(|(at, condition)| Step::Change(at, condition)),
        1 => (0..20usize).prop_map(Step::Note),
        6 => Just(Step::Store),
        3 => prop::bool::weighted(0.8).prop_map(Step::Extremes),
        2 => (0..300i64, prop::bool::weighted(0.8)).prop_map(|(gap_s, is_open)| Step::Time { gap_s, is_open }),
        2 => Just(Step::Takeover),
    ]
}

fn live() -> Source {
    Source { source: "test".to_owned(), mode: Mode::Live }
}

/// Both evaluators, and what a database would hold.
struct World {
    evaluator: Evaluator,
    naive: NaiveEvaluator,
    now: DateTime<Utc>,
    day: NaiveDate,
    /// Every alert that was made, as it is stored; whether it is active.
    rows: Vec<(WatchedAlert, bool)>,
    values: HashMap<(Symbol, AlertSession), StoredValue>,
    wanted: Vec<ExtremesRequest>,
    pending: Vec<Trigger>,
}

impl World {
    fn new() -> Self {
        let now = DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
        Self {
            evaluator: Evaluator::new(live(), now, None),
            naive: NaiveEvaluator { began_at: now, ..NaiveEvaluator::default() },
            now,
            day: now.date_naive(),
            rows: Vec::new(),
            values: HashMap::new(),
            wanted: Vec::new(),
            pending: Vec::new(),
        }
    }

    fn insert(&mut self, alert: &WatchedAlert, triggers: &mut Vec<Trigger>) {
        self.evaluator.insert(alert, triggers);
        let naive = Naive { alert: alert.clone(), stand: Stand::Fresh, is_pending: false, is_done: false };
        self.naive.alerts.push(naive);
    }

    fn remove(&mut self, at: usize) {
        let alert = &self.rows[at].0;
        self.evaluator.remove(alert.symbol, AlertKey::from(&alert.id));
        self.naive.alerts.retain(|naive| naive.alert.id != alert.id);
        self.naive.drop_unused();
    }

    /// Stores the triggers as the database does, and tells both.
    fn store(&mut self) {
        for trigger in std::mem::take(&mut self.pending) {
            let id = AlertId::from(trigger.key);
            let (row, is_active) = self.rows.iter_mut().find(|(row, _)| row.id == id).expect("made");
            if !*is_active || row.arming != trigger.arming {
                continue;
            }
            (row.arming, row.version, row.phase) = (row.arming + 1, row.version + 1, phase::DISARMED);
            (row.armed_at, row.last_trigger_day) = (trigger.seen_at, Some(trigger.day));
            row.last_trigger_as_of = Some(trigger.as_of);
            *is_active = !trigger.is_last;
            self.evaluator.settle(trigger.symbol, trigger.key, trigger.arming, row.version);
            let arming = row.arming;
            self.naive.alerts.retain_mut(|naive| {
                if naive.alert.id == id {
                    (naive.is_pending, naive.alert.arming) = (false, arming);
                }
                !(naive.alert.id == id && naive.is_done)
            });
        }
        self.naive.drop_unused();
    }

    fn store_changes(&mut self) {
        for Changes { values, phases, .. } in self.evaluator.take_changes(usize::MAX) {
            self.values.extend(values.into_iter().map(|value| ((value.symbol, value.session), value)));
            for (key, arming, phase) in phases {
                let id = AlertId::from(key);
                let row = self.rows.iter_mut().find(|(row, _)| row.id == id && row.arming == arming);
                if let Some((row, _)) = row {
                    row.phase = phase;
                }
            }
        }
    }

    /// Another node goes on with what is stored. What is only in memory, windows and extremes, is lost.
    fn take_over(&mut self, triggers: &mut Vec<Trigger>) {
        self.store();
        self.store_changes();
        self.evaluator = Evaluator::new(live(), self.now, Some(self.now));
        for value in self.values.values() {
            self.evaluator.restore(*value);
        }
        for (row, is_active) in &self.rows {
            if *is_active && row.expires_at.is_none_or(|end| end > self.now) {
                self.evaluator.insert(row, triggers);
            }
        }
        self.evaluator.drop_unused();
        // A value is stored for longer than a symbol without alerts is remembered.
        self.naive.last.clone_from(&self.values);
        self.naive.expire(self.now);
        (self.naive.began_at, self.wanted) = (self.now, Vec::new());
        self.naive.windows.clear();
        self.naive.extremes.clear();
        self.naive.restored = self.naive.last.keys().copied().collect();
    }

    fn take(&mut self, step: &Step) -> (Vec<Trigger>, Vec<Told>) {
        let (mut triggers, mut told) = (Vec::new(), Vec::new());
        let symbol = |at: usize| Symbol::parse(SYMBOLS[at]).expect("a symbol");
        match step.clone() {
            Step::Value { symbol: at, price: steps, gap_s, is_extended, is_simulated, has_close } => {
                self.now += TimeDelta::milliseconds(gap_s * 1_000 + 250);
                let value = Value {
                    symbol: symbol(at),
                    price: price(steps),
                    previous_close: has_close.then(|| price(0)),
                    as_of: self.now - TimeDelta::milliseconds(100),
                    seen_at: self.now,
                    day: self.day,
                    is_extended,
                    is_known: false,
                    mode: if is_simulated { Mode::Simulated } else { Mode::Live },
                    source: Cow::Borrowed("test"),
                };
                self.evaluator.apply(&value, &mut triggers);
                self.naive.apply(&value, &mut told);
            }
            Step::NextDay => {
                self.now += TimeDelta::hours(20);
                self.day = self.day.succ_opt().expect("a day");
            }
            Step::Insert { symbol: at, condition, frequency, rearm, session, ends } => {
                self.now += TimeDelta::seconds(2);
                let number = self.rows.len() as u128;
                let alert = WatchedAlert {
                    // Not in the order in which they are made.
                    id: AlertId::from(AlertKey::from(number.wrapping_mul(0x9E37_79B9_7F4A_7C15))),
                    symbol: symbol(at),
                    condition,
                    frequency,
                    cooldown_s: if frequency == Frequency::EveryTime { 60 } else { 0 },
                    rearm: Percent::from_millionths(rearm).expect("small"),
                    session,
                    expires_at: ends.map(|seconds| self.now + TimeDelta::seconds(seconds)),
                    version: 1,
                    arming: 1,
                    phase: phase::FRESH,
                    armed_at: self.now,
                    last_trigger_day: None,
                    last_trigger_as_of: None,
                };
                self.rows.push((alert.clone(), true));
                self.insert(&alert, &mut triggers);
            }
            Step::Pause(at) if at < self.rows.len() => {
                self.rows[at].1 = false;
                self.remove(at);
            }
            Step::Change(at, condition) if at < self.rows.len() => {
                self.now += TimeDelta::seconds(2);
                self.remove(at);
                let now = self.now;
                let (row, is_active) = &mut self.rows[at];
                row.condition = condition.unwrap_or(row.condition);
                (row.version, row.arming, row.phase, row.armed_at) =
                    (row.version + 1, row.arming + 1, phase::FRESH, now);
                *is_active = true;
                let row = row.clone();
                self.insert(&row, &mut triggers);
            }
            Step::Note(at) if at < self.rows.len() => {
                let (row, is_active) = &mut self.rows[at];
                row.version += 1;
                let row = row.clone();
                let is_there = self.naive.alerts.iter().any(|naive| naive.alert.id == row.id);
                if *is_active && is_there {
                    self.evaluator.insert(&row, &mut triggers);
                }
            }
            Step::Pause(_) | Step::Change(..) | Step::Note(_) => {}
            Step::Store => self.store(),
            Step::Extremes(are_there) => {
                self.wanted.extend(self.evaluator.take_wanted_extremes());
                let extremes = are_there.then(|| Extremes { high: price(5), low: price(-5) });
                for request in std::mem::take(&mut self.wanted) {
                    // The answer to a question that has been withdrawn is ignored.
                    let asked = self.naive.alerts.iter().any(|naive| {
                        let of_days = matches!(naive.alert.condition, Condition::NewHigh { days } | Condition::NewLow { days } if days == request.days);
                        of_days && naive.alert.symbol == request.symbol
                    });
                    let is_known = self.naive.extremes.contains_key(&(request.symbol, request.days));
                    self.evaluator.set_extremes(request, extremes, &mut triggers);
                    let days =
                        self.naive.last.values().filter(|last| last.symbol == request.symbol).map(|last| last.day);
                    if asked && !is_known && days.max() == Some(request.day) {
                        self.naive.set_extremes(request, extremes, &mut told);
                    }
                }
            }
            Step::Time { gap_s, is_open } => {
                self.now += TimeDelta::seconds(gap_s);
                let open = OpenSince { at: self.now - TimeDelta::hours(1), day: self.day };
                let open = is_open.then_some(open);
                self.evaluator.pass_time(self.now, |_, _| open, &mut triggers);
                self.naive.pass_time(self.now, open, &mut told);
                triggers.sort_by_key(|trigger| trigger.key);
            }
            Step::Takeover => self.take_over(&mut triggers),
        }
        self.pending.extend(triggers.iter().cloned());
        (triggers, told)
    }
}

/// The value that arms an alert again may be replaced before the next node looks.
#[test]
fn what_a_stored_value_arms_is_stored_as_armed() {
    let mut world = World::new();
    let condition = Condition::CrossesAbove { price: price(0) };
    let (frequency, session) = (Frequency::EveryTime, AlertSession::Regular);
    world.take(&Step::Insert { symbol: 0, condition, frequency, rearm: 1_000, session, ends: None });
    let value = |steps| Step::Value {
        symbol: 0,
        price: steps,
        gap_s: 100,
        is_extended: false,
        is_simulated: false,
        has_close: false,
    };
    for (step, triggers) in [(value(-5), 0), (value(0), 1), (Step::Store, 0), (value(-5), 0)] {
        assert_eq!(world.take(&step).0.len(), triggers);
    }
    // The node before has stored the value, and not what it did.
    let values: Vec<_> = world.evaluator.take_changes(1).into_iter().flat_map(|changes| changes.values).collect();
    world.values.extend(values.into_iter().map(|value| ((value.symbol, value.session), value)));
    for step in [Step::Takeover, value(-1), Step::Takeover] {
        assert!(world.take(&step).0.is_empty());
    }
    assert_eq!(world.take(&value(0)).0.len(), 1, "it was armed by the first of the two");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]
    #[test]
    fn it_triggers_what_one_triggers_that_looks_at_every_alert_at_every_value(
        steps in prop::collection::vec(step(), 1..90),
    ) {
        let mut world = World::new();
        for step in &steps {
            let (triggers, expected) = world.take(step);
            let told: Vec<Told> = triggers
                .iter()
                .map(|trigger| (trigger.key, trigger.arming, trigger.price, trigger.previous_price))
                .collect();
            prop_assert_eq!(told, expected, "at {:?}", step);
            prop_assert_eq!(world.evaluator.len(), world.naive.alerts.len());
        }
    }
}
