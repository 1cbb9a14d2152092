//! The evaluator that looks at every alert at every value, by the definitions of the conditions.

use super::super::{AlertKey, Extremes, ExtremesRequest, OpenSince, Value};
use crate::db::alert_value::StoredValue;
use crate::db::alert_watch::WatchedAlert;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use std::collections::{HashMap, HashSet};
use watchtape_shared::alert::{AlertSession, Condition, Frequency};
use watchtape_shared::quote::Mode;
use watchtape_shared::{Percent, Price, Symbol};

/// Where an alert is, by the definitions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stand {
    /// Nothing has set a side; of conditions without sides, as armed.
    Fresh,
    /// Armed; above the level, below it, or where there is no side.
    Armed(i8),
    Disarmed,
}

#[derive(Clone, Debug)]
pub(super) struct Naive {
    pub(super) alert: WatchedAlert,
    pub(super) stand: Stand,
    pub(super) is_pending: bool,
    pub(super) is_done: bool,
}

/// The values of one side of a symbol that windows hold.
pub(super) type Window = Vec<(DateTime<Utc>, i64)>;

#[derive(Default)]
pub(super) struct NaiveEvaluator {
    pub(super) alerts: Vec<Naive>,
    pub(super) last: HashMap<(Symbol, AlertSession), StoredValue>,
    /// Whose last value is of the node before: it sets a state, and triggers nothing.
    pub(super) restored: HashSet<(Symbol, AlertSession)>,
    pub(super) windows: HashMap<(Symbol, AlertSession, u16), Window>,
    pub(super) extremes: HashMap<(Symbol, u16), (NaiveDate, Extremes)>,
    pub(super) began_at: DateTime<Utc>,
}

/// A trigger: the alert, its arming number, the price and the one before.
pub(super) type Told = (AlertKey, u32, Option<Price>, Option<Price>);

/// What an alert is evaluated with.
#[derive(Clone, Copy)]
pub(super) struct Look {
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

    pub(super) fn expire(&mut self, now: DateTime<Utc>) {
        self.alerts.retain_mut(|naive| {
            let is_over = naive.alert.expires_at.is_some_and(|end| end <= now);
            // A trigger that waits was before the end.
            naive.is_done |= is_over;
            !is_over || naive.is_pending
        });
        self.drop_unused();
    }

    /// A window, or a level, that no alert uses is forgotten; and the last value of a symbol without alerts.
    pub(super) fn drop_unused(&mut self) {
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

    pub(super) fn apply(&mut self, value: &Value, told: &mut Vec<Told>) {
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
            self.last.insert((value.symbol, session), value.as_last_of(session));
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

    pub(super) fn set_extremes(&mut self, request: ExtremesRequest, extremes: Option<Extremes>, told: &mut Vec<Told>) {
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

    pub(super) fn pass_time(&mut self, now: DateTime<Utc>, open: Option<OpenSince>, told: &mut Vec<Told>) {
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
