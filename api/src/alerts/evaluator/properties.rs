//! The evaluator against one that looks at every alert at every value, by the definitions of the conditions.

use super::{AlertKey, Changes, Evaluator, Extremes, ExtremesRequest, OpenSince, Trigger, Value};
use crate::db::alert::phase;
use crate::db::alert_value::StoredValue;
use crate::db::alert_watch::WatchedAlert;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
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

/// Where an alert is, by the definitions.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Stand {
    /// Nothing has set a side; of conditions without sides, as armed.
    Fresh,
    /// Armed; above the level, below it, or where there is no side.
    Armed(i8),
    Disarmed,
}

#[derive(Clone, Debug)]
struct Naive {
    alert: WatchedAlert,
    stand: Stand,
    is_pending: bool,
    is_done: bool,
}

/// The values of one side of a symbol that windows hold.
type Window = Vec<(DateTime<Utc>, i64)>;

#[derive(Default)]
struct NaiveEvaluator {
    alerts: Vec<Naive>,
    last: HashMap<(Symbol, AlertSession), StoredValue>,
    /// Whose last value is of the node before: it sets a state, and triggers nothing.
    restored: HashSet<(Symbol, AlertSession)>,
    windows: HashMap<(Symbol, AlertSession, u16), Window>,
    extremes: HashMap<(Symbol, u16), (NaiveDate, Extremes)>,
    began_at: DateTime<Utc>,
}

/// A trigger: the alert, its arming number, the price and the one before.
type Told = (AlertKey, u32, Option<Price>, Option<Price>);

/// What an alert is evaluated with.
#[derive(Clone, Copy)]
struct Look {
    price: i64,
    close: Option<i64>,
    as_of: DateTime<Utc>,
    seen_at: DateTime<Utc>,
    day: NaiveDate,
    previous: Option<StoredValue>,
}

fn share(level: i64, rearm: Percent) -> i64 {
    (level * i64::from(rearm.millionths()) / 1_000_000).max(1)
}

fn sign(number: i64) -> i8 {
    number.signum() as i8
}

impl NaiveEvaluator {
    /// Whether the change from `base` is at least `percent` of it, or for a negative one at most.
    fn is_change(price: i64, base: i64, millionths: i64) -> bool {
        let (change, wanted) = (i128::from(price - base) * 1_000_000, i128::from(millionths) * i128::from(base));
        if millionths > 0 { change >= wanted } else { change <= wanted }
    }

    fn has_gone_back(price: i64, base: i64, percent: Percent, rearm: Percent) -> bool {
        let (wanted, back) = (i64::from(percent.millionths()), i64::from(rearm.millionths()).max(1));
        let change = i128::from(price - base) * 1_000_000;
        if wanted > 0 {
            change <= i128::from(wanted - back) * i128::from(base)
        } else {
            change >= i128::from(wanted + back) * i128::from(base)
        }
    }

    /// The oldest price of a window: of each sixtieth of it the first that came.
    fn oldest(window: &Window, minutes: u16, as_of: DateTime<Utc>) -> i64 {
        let part = |at: &DateTime<Utc>| at.timestamp_micros().div_euclid(i64::from(minutes) * 1_000_000);
        let from = as_of - TimeDelta::minutes(minutes.into());
        let firsts = window
            .iter()
            .enumerate()
            .filter(|(place, (at, _))| window[..*place].iter().all(|(earlier, _)| part(earlier) != part(at)));
        let mut within = firsts.map(|(_, entry)| entry).filter(|(at, _)| *at >= from);
        within.next().expect("at least the price itself, or the first of its part").1
    }

    /// Looks at one alert; `oldest` is the price that its window begins with. Returns whether it is a trigger.
    fn look(naive: &mut Naive, look: Look, oldest: Option<i64>, extremes: Option<Extremes>) -> bool {
        let (alert, price) = (naive.alert.clone(), look.price);
        let rearm = alert.rearm;
        let mut is_met = false;
        match alert.condition {
            Condition::Crosses { price: level } => {
                let level = level.micros();
                let away = (price - level).abs() >= share(level, rearm);
                match naive.stand {
                    Stand::Fresh if price != level => naive.stand = Stand::Armed(sign(price - level)),
                    Stand::Armed(side) if sign(price - level) != side => {
                        is_met = true;
                        naive.stand = if away { Stand::Armed(sign(price - level)) } else { Stand::Disarmed };
                    }
                    Stand::Disarmed if away => naive.stand = Stand::Armed(sign(price - level)),
                    _ => {}
                }
            }
            Condition::CrossesAbove { price: level } => {
                let level = level.micros();
                match naive.stand {
                    Stand::Fresh if price < level => naive.stand = Stand::Armed(0),
                    Stand::Armed(_) => is_met = price >= level,
                    Stand::Disarmed if price <= level - share(level, rearm) => naive.stand = Stand::Armed(0),
                    _ => {}
                }
            }
            Condition::CrossesBelow { price: level } => {
                let level = level.micros();
                match naive.stand {
                    Stand::Fresh if price > level => naive.stand = Stand::Armed(0),
                    Stand::Armed(_) => is_met = price <= level,
                    Stand::Disarmed if price >= level + share(level, rearm) => naive.stand = Stand::Armed(0),
                    _ => {}
                }
            }
            Condition::Above { price: level } => {
                let level = level.micros();
                match naive.stand {
                    Stand::Disarmed if price <= level - share(level, rearm) => naive.stand = Stand::Armed(0),
                    Stand::Disarmed => {}
                    _ => is_met = price >= level,
                }
            }
            Condition::Below { price: level } => {
                let level = level.micros();
                match naive.stand {
                    Stand::Disarmed if price >= level + share(level, rearm) => naive.stand = Stand::Armed(0),
                    Stand::Disarmed => {}
                    _ => is_met = price <= level,
                }
            }
            Condition::ChangePercent { percent } | Condition::MovesPercent { percent, .. } => {
                let base = if matches!(alert.condition, Condition::ChangePercent { .. }) { look.close } else { oldest };
                let Some(base) = base else { return false };
                match naive.stand {
                    Stand::Disarmed if Self::has_gone_back(price, base, percent, rearm) => {
                        naive.stand = Stand::Armed(0);
                    }
                    Stand::Disarmed => {}
                    _ => is_met = Self::is_change(price, base, percent.millionths().into()),
                }
            }
            Condition::Enters { low, high } => {
                let (low, high) = (low.micros(), high.micros());
                match naive.stand {
                    Stand::Fresh if price < low || price > high => naive.stand = Stand::Armed(0),
                    Stand::Armed(_) => is_met = (low..=high).contains(&price),
                    Stand::Disarmed if price <= low - share(low, rearm) || price >= high + share(high, rearm) => {
                        naive.stand = Stand::Armed(0);
                    }
                    _ => {}
                }
            }
            Condition::Leaves { low, high } => {
                let (low, high) = (low.micros(), high.micros());
                let most = ((high - low) / 4).max(1);
                let (back_low, back_high) = (low + share(low, rearm).min(most), high - share(high, rearm).min(most));
                match naive.stand {
                    Stand::Fresh if price > low && price < high => naive.stand = Stand::Armed(0),
                    Stand::Armed(_) => is_met = price < low || price > high,
                    Stand::Disarmed if (back_low..=back_high).contains(&price) => naive.stand = Stand::Armed(0),
                    _ => {}
                }
            }
            Condition::NewHigh { .. } => {
                let Some(Extremes { high, .. }) = extremes else { return false };
                let high = high.micros();
                match naive.stand {
                    Stand::Disarmed if price <= high - share(high, rearm) => naive.stand = Stand::Armed(0),
                    Stand::Disarmed => {}
                    _ => is_met = price > high,
                }
            }
            Condition::NewLow { .. } => {
                let Some(Extremes { low, .. }) = extremes else { return false };
                let low = low.micros();
                match naive.stand {
                    Stand::Disarmed if price >= low + share(low, rearm) => naive.stand = Stand::Armed(0),
                    Stand::Disarmed => {}
                    _ => is_met = price < low,
                }
            }
            Condition::Stale { .. } => {
                if naive.stand == Stand::Disarmed {
                    naive.stand = Stand::Armed(0);
                }
            }
        }
        is_met && Self::meet(naive, look)
    }

    /// A met condition disarms, and is a trigger or not.
    fn meet(naive: &mut Naive, look: Look) -> bool {
        if !matches!(naive.alert.condition, Condition::Crosses { .. }) {
            naive.stand = Stand::Disarmed;
        }
        let alert = &mut naive.alert;
        let is_passed_over = naive.is_pending
            || match alert.frequency {
                Frequency::Once => false,
                Frequency::OncePerSession => alert.last_trigger_day == Some(look.day),
                Frequency::EveryTime => alert.last_trigger_as_of.is_some_and(|last| {
                    look.as_of >= last && look.as_of - last < TimeDelta::seconds(alert.cooldown_s.into())
                }),
            };
        if is_passed_over {
            return false;
        }
        (naive.is_pending, naive.is_done) = (true, alert.frequency == Frequency::Once);
        alert.armed_at = look.seen_at;
        (alert.last_trigger_day, alert.last_trigger_as_of) = (Some(look.day), Some(look.as_of));
        true
    }

    fn expire(&mut self, now: DateTime<Utc>) {
        self.alerts.retain_mut(|naive| {
            let is_over = naive.alert.expires_at.is_some_and(|end| end <= now);
            // A trigger that waits was before the end.
            naive.is_done |= is_over;
            !is_over || naive.is_pending
        });
        self.drop_unused();
    }

    /// A window, or a level, that no alert uses is forgotten; and the last value of a symbol without alerts.
    fn drop_unused(&mut self) {
        let alerts = &self.alerts;
        self.windows.retain(|(symbol, session, minutes), _| {
            alerts.iter().any(|naive| {
                let uses = matches!(naive.alert.condition, Condition::MovesPercent { within_minutes, .. } if within_minutes == *minutes);
                uses && naive.alert.symbol == *symbol && naive.alert.session == *session
            })
        });
        self.extremes.retain(|(symbol, wanted), _| {
            alerts.iter().any(|naive| {
                let uses = matches!(naive.alert.condition, Condition::NewHigh { days } | Condition::NewLow { days } if days == *wanted);
                uses && naive.alert.symbol == *symbol
            })
        });
        self.last.retain(|(symbol, _), _| alerts.iter().any(|naive| naive.alert.symbol == *symbol));
    }

    fn extremes_of(&self, alert: &WatchedAlert, day: NaiveDate) -> Option<Extremes> {
        let (Condition::NewHigh { days } | Condition::NewLow { days }) = alert.condition else { return None };
        self.extremes.get(&(alert.symbol, days)).filter(|(of, _)| *of == day).map(|(_, extremes)| *extremes)
    }

    fn apply(&mut self, value: &Value, told: &mut Vec<Told>) {
        self.expire(value.seen_at);
        if value.mode == Mode::Simulated || !self.alerts.iter().any(|naive| naive.alert.symbol == value.symbol) {
            return;
        }
        // What was known of another day is not asked any more.
        self.extremes.retain(|(symbol, _), (day, _)| *symbol != value.symbol || *day == value.day);
        let before = self.last.clone();
        for session in AlertSession::ALL {
            if value.is_extended && session == AlertSession::Regular {
                continue;
            }
            self.last.insert((value.symbol, session), stored(value, session));
            self.restored.remove(&(value.symbol, session));
            for naive in &self.alerts {
                if let Condition::MovesPercent { within_minutes, .. } = naive.alert.condition
                    && naive.alert.symbol == value.symbol
                    && naive.alert.session == session
                {
                    let window = self.windows.entry((value.symbol, session, within_minutes)).or_default();
                    let entry = (value.as_of, value.price.micros());
                    if window.last() != Some(&entry) {
                        window.push(entry);
                    }
                }
            }
        }
        let mut found = Vec::new();
        for at in 0..self.alerts.len() {
            let alert = self.alerts[at].alert.clone();
            if alert.symbol != value.symbol || (value.is_extended && alert.session == AlertSession::Regular) {
                continue;
            }
            let oldest = match alert.condition {
                Condition::MovesPercent { within_minutes, .. } => {
                    let window = &self.windows[&(alert.symbol, alert.session, within_minutes)];
                    Some(Self::oldest(window, within_minutes, value.as_of))
                }
                _ => None,
            };
            let extremes = self.extremes_of(&alert, value.day);
            let look = Look {
                price: value.price.micros(),
                close: value.previous_close.map(Price::micros),
                as_of: value.as_of,
                seen_at: value.seen_at,
                day: value.day,
                previous: before.get(&(alert.symbol, alert.session)).copied(),
            };
            self.look_at(at, look, oldest, extremes, Some(value.price), &mut found);
        }
        found.sort_by_key(|(key, ..)| *key);
        told.extend(found);
    }

    fn look_at(
        &mut self,
        at: usize,
        look: Look,
        oldest: Option<i64>,
        extremes: Option<Extremes>,
        price: Option<Price>,
        found: &mut Vec<Told>,
    ) {
        let naive = &mut self.alerts[at];
        let armed_at = naive.alert.armed_at;
        if naive.is_done || !Self::look(naive, look, oldest, extremes) {
            return;
        }
        let counting = look.previous.filter(|last| last.seen_at.timestamp() >= armed_at.timestamp());
        let alert = &naive.alert;
        found.push((AlertKey::from(&alert.id), alert.arming, price, counting.map(|last| last.price)));
    }

    fn set_extremes(&mut self, request: ExtremesRequest, extremes: Option<Extremes>, told: &mut Vec<Told>) {
        let Some(extremes) = extremes else { return };
        self.extremes.insert((request.symbol, request.days), (request.day, extremes));
        let mut found = Vec::new();
        for at in 0..self.alerts.len() {
            let alert = self.alerts[at].alert.clone();
            let (Condition::NewHigh { days } | Condition::NewLow { days }) = alert.condition else { continue };
            let Some(last) = self.last.get(&(alert.symbol, alert.session)).copied() else { continue };
            let counts = last.seen_at.timestamp() >= alert.armed_at.timestamp() && last.day == request.day;
            if alert.symbol == request.symbol && days == request.days && counts {
                let look = look_of(&last);
                if self.restored.contains(&(alert.symbol, alert.session)) {
                    let mut without = self.alerts[at].clone();
                    without.is_pending = true;
                    Self::look(&mut without, look, None, Some(extremes));
                    if without.stand != Stand::Disarmed {
                        self.alerts[at].stand = without.stand;
                    }
                    continue;
                }
                self.look_at(at, look, None, Some(extremes), Some(last.price), &mut found);
            }
        }
        found.sort_by_key(|(key, ..)| *key);
        told.extend(found);
    }

    fn pass_time(&mut self, now: DateTime<Utc>, open: Option<OpenSince>, told: &mut Vec<Told>) {
        self.expire(now);
        let Some(open) = open else { return };
        let mut found = Vec::new();
        for naive in &mut self.alerts {
            let Condition::Stale { minutes } = naive.alert.condition else { continue };
            let last = self.last.get(&(naive.alert.symbol, naive.alert.session)).copied();
            let armed_at = DateTime::from_timestamp(naive.alert.armed_at.timestamp(), 0).expect("a time");
            let seen = last.map(|last| last.seen_at);
            let since = [Some(self.began_at), seen, Some(open.at), Some(armed_at)].into_iter().flatten().max();
            let is_silent = now - since.expect("one of them") >= TimeDelta::minutes(minutes.into());
            let look = Look { price: 0, close: None, as_of: now, seen_at: now, day: open.day, previous: last };
            if !naive.is_done && naive.stand != Stand::Disarmed && is_silent && Self::meet(naive, look) {
                let counting = last.filter(|last| last.seen_at.timestamp() >= armed_at.timestamp());
                let key = AlertKey::from(&naive.alert.id);
                let place = (naive.alert.symbol, naive.alert.session);
                found.push((place, (key, naive.alert.arming, None, counting.map(|last| last.price))));
            }
        }
        // By symbol and session, of which neither evaluator says in which order they come.
        found.sort_by_key(|(_, told)| told.0);
        told.extend(found.into_iter().map(|(_, told)| told));
    }
}

fn look_of(last: &StoredValue) -> Look {
    Look {
        price: last.price.micros(),
        close: last.previous_close.map(Price::micros),
        as_of: last.as_of,
        seen_at: last.seen_at,
        day: last.day,
        previous: None,
    }
}

fn stored(value: &Value, session: AlertSession) -> StoredValue {
    StoredValue {
        symbol: value.symbol,
        session,
        price: value.price,
        previous_close: value.previous_close,
        as_of: value.as_of,
        seen_at: value.seen_at,
        day: value.day,
        mode: value.mode,
    }
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
