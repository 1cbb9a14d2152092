//! What is typed into the form, and the alert that it makes.

use super::{already, first_field};
use crate::api::Failure;
use crate::components::controls::field::FieldValue;
use crate::format::{money, number_input};
use crate::i18n::failure::of_field;
use crate::state::State;
use crate::state::alerts::FormTask;
use crate::state::alerts::condition_kind::{ConditionKind, Field, Typed};
use crate::texts::alert_form as t;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use wasm_bindgen::JsValue;
use watchtape_shared::alert::{
    Alert, AlertPatch, AlertSession, Condition, DEFAULT_REARM, Frequency, MAX_COOLDOWN_S, MAX_REARM, NewAlert,
};
use watchtape_shared::text::Note;
use watchtape_shared::visible::find_hidden;
use watchtape_shared::{DestinationId, Patch, Percent, Price, Symbol};

const MINUTE_S: u32 = 60;

/// The fields.
#[derive(Clone, Copy)]
pub(super) struct Draft {
    pub(super) kind: RwSignal<ConditionKind>,
    pub(super) price: FieldValue,
    pub(super) high: FieldValue,
    pub(super) percent: FieldValue,
    pub(super) minutes: FieldValue,
    pub(super) days: FieldValue,
    pub(super) frequency: RwSignal<&'static str>,
    pub(super) cooldown: FieldValue,
    pub(super) rearm: FieldValue,
    pub(super) session: RwSignal<&'static str>,
    pub(super) expiry: FieldValue,
    pub(super) note: FieldValue,
    pub(super) destinations: RwSignal<Vec<DestinationId>>,
    /// Whether a price was typed, or the alert has one: the current one does not take its place.
    is_priced: StoredValue<bool>,
    /// Whether the condition was chosen: a price on the other side does not turn it round.
    is_chosen: StoredValue<bool>,
    current: StoredValue<Option<Price>>,
}

/// A whole form.
#[derive(Clone, Debug)]
pub(super) struct Complete {
    condition: Condition,
    frequency: Frequency,
    cooldown_s: Option<u32>,
    rearm: Percent,
    session: AlertSession,
    expires_at: Option<DateTime<Utc>>,
    note: Option<Note>,
    destinations: Vec<DestinationId>,
}

impl Draft {
    /// The fields of an alert, or of a new one.
    pub(super) fn new(state: State, task: &FormTask, edited: Option<&Alert>) -> Self {
        let (typed, kind) = match task.condition {
            Some(condition) => (typed_of(&condition), ConditionKind::of(&condition)),
            None => (Typed::default(), ConditionKind::RisesAbove),
        };
        let or = |typed: String, default: &str| FieldValue::with(if typed.is_empty() { default.into() } else { typed });
        let cooldown = edited.and_then(|alert| alert.cooldown_s).unwrap_or(MINUTE_S) / MINUTE_S;
        let rearm = edited.map_or(DEFAULT_REARM, |alert| alert.rearm_percent);
        let expiry = edited.and_then(|alert| alert.expires_at).map_or_else(String::new, local_moment);
        let note = edited.and_then(|alert| alert.note.as_ref()).map_or_else(String::new, ToString::to_string);
        let destinations = edited.map_or_else(Vec::new, |alert| alert.destinations.clone());
        let current = untrack(|| state.quotes.peek(task.symbol, |quote| quote.price)).flatten();
        let draft = Self {
            kind: RwSignal::new(kind),
            price: FieldValue::with(typed.price.clone()),
            high: FieldValue::with(typed.high),
            percent: or(typed.percent, "5"),
            minutes: or(typed.minutes, "15"),
            days: or(typed.days, "20"),
            frequency: RwSignal::new(edited.map_or(Frequency::Once, |alert| alert.frequency).as_str()),
            cooldown: FieldValue::with(cooldown.to_string()),
            rearm: FieldValue::with(money::grouped(&rearm.to_string())),
            session: RwSignal::new(edited.map_or(AlertSession::Regular, |alert| alert.session).as_str()),
            expiry: FieldValue::with(expiry),
            note: FieldValue::with(note),
            destinations: RwSignal::new(destinations),
            is_priced: StoredValue::new(!typed.price.is_empty()),
            is_chosen: StoredValue::new(task.condition.is_some()),
            current: StoredValue::new(None),
        };
        if let Some(current) = current {
            draft.suggest(current);
        }
        draft
    }

    /// Whether the form is still in the page.
    pub(super) fn is_there(self) -> bool {
        self.kind.try_get_untracked().is_some()
    }

    /// Puts the current price in, until one is typed.
    pub(super) fn suggest(self, price: Price) {
        let had = self.current.try_update_value(|current| current.replace(price)).flatten();
        // The first one stays: a figure that moves while it is read is of no use.
        if had.is_none() && !self.is_priced.get_value() {
            self.price.value.set(money::price(price));
        }
    }

    /// A price was typed: above the current one it is risen above, below it fallen below, unless that was chosen.
    pub(super) fn note_price(self) {
        self.is_priced.set_value(true);
        let kind = self.kind.get_untracked();
        let is_direction = matches!(kind, ConditionKind::RisesAbove | ConditionKind::FallsBelow);
        let typed = number_input::decimal(&self.price.text()).and_then(|digits| Price::parse(&digits).ok());
        let (Some(typed), Some(current)) = (typed, self.current.get_value()) else { return };
        if is_direction && !self.is_chosen.get_value() && typed != current {
            let kind = if typed > current { ConditionKind::RisesAbove } else { ConditionKind::FallsBelow };
            self.kind.set(kind);
        }
    }

    pub(super) fn choose(self, kind: ConditionKind) {
        self.is_chosen.set_value(true);
        self.kind.set(kind);
        self.price.error.set(None);
    }

    pub(super) fn field(self, member: Field) -> FieldValue {
        match member {
            Field::Price => self.price,
            Field::High => self.high,
            Field::Percent => self.percent,
            Field::Minutes => self.minutes,
            Field::Days => self.days,
        }
    }

    /// The condition that is typed; tracked.
    pub(super) fn condition(self) -> Result<Condition, (Field, &'static str)> {
        let typed = Typed {
            price: self.price.value.get(),
            high: self.high.value.get(),
            percent: self.percent.value.get(),
            minutes: self.minutes.value.get(),
            days: self.days.value.get(),
        };
        self.kind.get().read(&typed)
    }

    /// Which prices count; tracked.
    pub(super) fn session(self) -> AlertSession {
        let name = self.session.get();
        AlertSession::ALL.into_iter().find(|session| session.as_str() == name).unwrap_or_default()
    }

    pub(super) fn frequency(self) -> Frequency {
        let name = self.frequency.get();
        Frequency::ALL.into_iter().find(|frequency| frequency.as_str() == name).unwrap_or_default()
    }

    /// The alert that is typed; what is wrong is shown at its field.
    pub(super) fn read(self, state: State) -> Option<Complete> {
        let condition = match untrack(|| self.condition()) {
            Ok(condition) => condition,
            Err((member, rule)) => {
                self.field(member).refuse(rule);
                return None;
            }
        };
        let frequency = untrack(|| self.frequency());
        Some(Complete {
            condition,
            frequency,
            cooldown_s: if frequency == Frequency::EveryTime { Some(self.cooldown_s()?) } else { None },
            rearm: self.rearm()?,
            session: untrack(|| self.session()),
            expires_at: self.expires_at(state)?,
            note: self.read_note()?,
            destinations: self.destinations.get_untracked(),
        })
    }

    fn cooldown_s(self) -> Option<u32> {
        let minutes = number_input::decimal(&self.cooldown.text()).and_then(|digits| digits.parse::<u32>().ok());
        let seconds = minutes.filter(|minutes| (1..=MAX_COOLDOWN_S / MINUTE_S).contains(minutes));
        ruled(self.cooldown, seconds.map(|minutes| minutes * MINUTE_S), t::cooldown_rule)
    }

    fn rearm(self) -> Option<Percent> {
        let typed = number_input::decimal(self.rearm.text().trim().trim_end_matches('%'));
        let percent = typed.and_then(|digits| Percent::parse(&digits).ok()).filter(|percent| *percent <= MAX_REARM);
        ruled(self.rearm, percent, t::rearm_rule)
    }

    fn expires_at(self, state: State) -> Option<Option<DateTime<Utc>>> {
        let typed = self.expiry.text();
        if typed.is_empty() {
            return Some(None);
        }
        // The browser reads what its own field has given, by the device's time zone.
        let at_ms = js_sys::Date::new(&JsValue::from_str(&typed)).get_time();
        let at = if at_ms.is_finite() { DateTime::from_timestamp_millis(at_ms as i64) } else { None };
        let now_ms = untrack(|| state.clock.now_ms());
        ruled(self.expiry, at.filter(|at| at.timestamp_millis() > now_ms), t::expiry_rule).map(Some)
    }

    fn read_note(self) -> Option<Option<Note>> {
        let text = self.note.text().replace('\r', "");
        if text.trim().is_empty() {
            return Some(None);
        }
        let note = Note::parse(&text).ok().filter(|_| find_hidden(&text, true).is_none());
        ruled(self.note, note, t::note_rule).map(Some)
    }

    /// Shows a refusal at its field. Returns whether it is of one.
    pub(super) fn note(self, state: State, symbol: Symbol, failure: &Failure) -> bool {
        if matches!(failure, Failure::Refused(problem) if problem.code == "already_met")
            && let Some(sentence) = already(state, symbol)
        {
            self.field(first_field(self.kind.get_untracked())).refuse(sentence);
            return true;
        }
        let fields = [
            (self.price, "/condition/price"),
            (self.price, "/condition/low"),
            (self.high, "/condition/high"),
            (self.percent, "/condition/percent"),
            (self.minutes, "/condition/within_minutes"),
            (self.minutes, "/condition/minutes"),
            (self.days, "/condition/days"),
            (self.cooldown, "/cooldown_s"),
            (self.rearm, "/rearm_percent"),
            (self.expiry, "/expires_at"),
            (self.note, "/note"),
        ];
        fields.into_iter().any(|(field, pointer)| of_field(failure, pointer).is_some() && field.note(failure, pointer))
    }
}

impl Complete {
    pub(super) fn into_new(self, symbol: Symbol) -> NewAlert {
        NewAlert {
            symbol: symbol.to_string(),
            condition: self.condition,
            frequency: self.frequency,
            cooldown_s: self.cooldown_s,
            rearm_percent: Some(self.rearm),
            session: self.session,
            expires_at: self.expires_at,
            note: self.note,
            destinations: self.destinations,
        }
    }

    /// What makes an alert this one: only what differs, so that nothing else starts anew.
    pub(super) fn patch(&self, was: &Alert) -> AlertPatch {
        let expires_at = self.expires_at;
        // The field has no seconds: an end that shows the same is the same.
        let is_same_end = expires_at.map(local_moment) == was.expires_at.map(local_moment);
        AlertPatch {
            condition: (self.condition != was.condition).then_some(self.condition),
            frequency: (self.frequency != was.frequency).then_some(self.frequency),
            cooldown_s: patched(self.cooldown_s, was.cooldown_s.as_ref()),
            rearm_percent: (self.rearm != was.rearm_percent).then_some(self.rearm),
            session: (self.session != was.session).then_some(self.session),
            expires_at: if is_same_end { Patch::Absent } else { expires_at.into() },
            note: patched(self.note.clone(), was.note.as_ref()),
            destinations: (self.destinations != was.destinations).then(|| self.destinations.clone()),
        }
    }
}

fn patched<T: PartialEq>(now: Option<T>, was: Option<&T>) -> Patch<T> {
    if now.as_ref() == was { Patch::Absent } else { now.into() }
}

/// What was read from a field, or its rule shown there.
fn ruled<T>(field: FieldValue, read: Option<T>, rule: fn() -> &'static str) -> Option<T> {
    field.error.set(read.is_none().then(|| rule().into()));
    read
}

/// What would be typed for a condition.
fn typed_of(condition: &Condition) -> Typed {
    let mut typed = Typed::default();
    let percent = |percent: Percent| money::grouped(percent.to_string().trim_start_matches('-'));
    match *condition {
        Condition::Crosses { price }
        | Condition::CrossesAbove { price }
        | Condition::CrossesBelow { price }
        | Condition::Above { price }
        | Condition::Below { price } => typed.price = money::price(price),
        Condition::ChangePercent { percent: change } => typed.percent = percent(change),
        Condition::MovesPercent { percent: change, within_minutes } => {
            typed.percent = percent(change);
            typed.minutes = within_minutes.to_string();
        }
        Condition::Enters { low, high } | Condition::Leaves { low, high } => {
            typed.price = money::price(low);
            typed.high = money::price(high);
        }
        Condition::NewHigh { days } | Condition::NewLow { days } => typed.days = days.to_string(),
        Condition::Stale { minutes } => typed.minutes = minutes.to_string(),
    }
    typed
}

/// A moment as the browser's field for date and time has it, by the device's time zone: `2026-11-27T14:30`.
fn local_moment(at: DateTime<Utc>) -> String {
    let date = js_sys::Date::new(&(at.timestamp_millis() as f64).into());
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_would_be_typed_is_read_as_the_same_condition() {
        for json in [
            r#"{"type":"crosses_above","price":"1234.5"}"#,
            r#"{"type":"leaves","low":"0.05","high":"1200"}"#,
            r#"{"type":"change_percent","percent":"-2.5"}"#,
            r#"{"type":"moves_percent","percent":"1","within_minutes":90}"#,
            r#"{"type":"new_low","days":1300}"#,
            r#"{"type":"stale","minutes":5}"#,
        ] {
            let condition: Condition = serde_json::from_str(json).expect("a condition");
            assert_eq!(ConditionKind::of(&condition).read(&typed_of(&condition)), Ok(condition), "{json}");
        }
    }

    #[wasm_bindgen_test]
    fn a_moment_is_written_as_it_is_read() {
        let at: DateTime<Utc> = "2026-11-27T14:30:00Z".parse().expect("a moment");
        let read = js_sys::Date::new(&JsValue::from_str(&local_moment(at))).get_time();
        assert_eq!(read as i64, at.timestamp_millis());
    }
}
