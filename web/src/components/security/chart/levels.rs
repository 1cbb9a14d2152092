//! The alerts of the security on its chart: their levels as lines that are dragged, and when the alert of the form would
//! have triggered as marks.
//!
//! Deliberately absent: the keyboard. A level is changed by key in the form, which has the same alerts.

use crate::i18n::alert::condition;
use crate::state::State;
use crate::state::alerts::edits::AlertChange;
use crate::state::state;
use crate::state::undo_stack::Direction;
use crate::texts::alert_form as t;
use crate::view::reactive::dynamic;
use js_sys::Reflect;
use leptos::prelude::*;
use std::fmt::Write as _;
use watchtape_shared::alert::{Alert, AlertPatch, AlertState, Condition};
use watchtape_shared::price::write_micros;
use watchtape_shared::{AlertId, Price, Symbol};
use web_sys::CustomEvent;

/// Which bound of a condition a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    Only,
    Low,
    High,
}

/// The lines, for the chart's element.
pub(super) fn levels_text(state: State, symbol: Symbol) -> String {
    let mut json = String::from(r#"{"levels":["#);
    let mut is_first = true;
    for alert in state.alerts.of(symbol) {
        // What has expired is watched for no more, and what has triggered stands in the history.
        if !matches!(alert.state, AlertState::Active | AlertState::Paused) {
            continue;
        }
        for (bound, price) in bounds(&alert.condition) {
            json.push_str(if is_first { "" } else { "," });
            is_first = false;
            // An id and a number need no escaping; the state is one of ours.
            let _ = write!(json, r#"{{"id":"{}#{}","price":"#, alert.id, name(bound));
            let _ = write_micros(&mut json, price.micros());
            let movable = alert.state == AlertState::Active;
            let _ = write!(json, r#","movable":{movable},"title":{}}}"#, quoted(title(&alert)));
        }
    }
    json.push_str("]}");
    json
}

/// When the alert of the form would have triggered.
pub(super) fn marks_text(state: State, symbol: Symbol) -> String {
    let mut json = String::from(r#"{"marks":["#);
    state.alerts.preview().with(|shown| {
        let triggers = shown.iter().filter(|shown| shown.symbol == symbol).flat_map(|shown| &shown.preview.triggers);
        for (at, trigger) in triggers.enumerate() {
            let _ = write!(json, "{}[{},", if at > 0 { "," } else { "" }, trigger.at.timestamp());
            let _ = write_micros(&mut json, trigger.price.micros());
            json.push(']');
        }
    });
    json.push_str("]}");
    json
}

/// What the marks mean, and the way to hide them.
#[component]
pub(super) fn MarksNote(symbol: Symbol) -> impl IntoView {
    let state = state();
    on_cleanup(move || state.alerts.show_preview(None));
    dynamic(move || {
        let shown = state.alerts.preview().get().filter(|shown| shown.symbol == symbol);
        let Some(shown) = shown.filter(|shown| !shown.preview.triggers.is_empty()) else { return ().into_any() };
        view! {
            <p class="chart-marks-note">
                <span class="chart-mark-sample" aria-hidden="true"></span>
                <span>{t::marks(&condition(symbol, &shown.condition))}</span>
                <button class="text-button" type="button" on:click=move |_| state.alerts.show_preview(None)>
                    {t::hide_marks()}
                </button>
            </p>
        }
        .into_any()
    })
}

/// A line was dragged: its alert has that level from now on.
pub(super) fn move_level(state: State, event: &CustomEvent) {
    let text = |name: &str| Reflect::get(&event.detail(), &name.into()).ok().and_then(|value| value.as_string());
    let (Some(id), Some(price)) = (text("id"), text("price")) else { return };
    let Some((id, bound)) = id.split_once('#') else { return };
    let (Ok(id), Ok(price)) = (AlertId::parse(id), Price::parse(&price)) else { return };
    let Some(alert) = untrack(|| state.alerts.find(&id)) else { return };
    if let Some(condition) = moved(&alert.condition, bound, price) {
        let patch = AlertPatch { condition: Some(condition), ..AlertPatch::default() };
        state.alerts.start(AlertChange::Edit(id, Box::new(patch)), Direction::Do);
    }
}

fn bounds(condition: &Condition) -> Vec<(Bound, Price)> {
    match *condition {
        Condition::Crosses { price }
        | Condition::CrossesAbove { price }
        | Condition::CrossesBelow { price }
        | Condition::Above { price }
        | Condition::Below { price } => vec![(Bound::Only, price)],
        Condition::Enters { low, high } | Condition::Leaves { low, high } => {
            vec![(Bound::Low, low), (Bound::High, high)]
        }
        _ => Vec::new(),
    }
}

fn name(bound: Bound) -> &'static str {
    match bound {
        Bound::Only => "only",
        Bound::Low => "low",
        Bound::High => "high",
    }
}

/// A condition with one bound moved; a channel that is turned inside out keeps its lower bound below.
fn moved(condition: &Condition, bound: &str, to: Price) -> Option<Condition> {
    let channel = |low: Price, high: Price| {
        let (low, high) = if bound == name(Bound::Low) { (to, high) } else { (low, to) };
        (low != high).then(|| (low.min(high), low.max(high)))
    };
    Some(match *condition {
        Condition::Crosses { .. } => Condition::Crosses { price: to },
        Condition::CrossesAbove { .. } => Condition::CrossesAbove { price: to },
        Condition::CrossesBelow { .. } => Condition::CrossesBelow { price: to },
        Condition::Above { .. } => Condition::Above { price: to },
        Condition::Below { .. } => Condition::Below { price: to },
        Condition::Enters { low, high } => channel(low, high).map(|(low, high)| Condition::Enters { low, high })?,
        Condition::Leaves { low, high } => channel(low, high).map(|(low, high)| Condition::Leaves { low, high })?,
        _ => return None,
    })
}

/// What stands at a line: which way, in a sign, and whether it is paused.
fn title(alert: &Alert) -> &'static str {
    match (alert.state, &alert.condition) {
        (AlertState::Paused, _) => t::paused(),
        (_, Condition::CrossesAbove { .. } | Condition::Above { .. }) => "↑",
        (_, Condition::CrossesBelow { .. } | Condition::Below { .. }) => "↓",
        _ => "↕",
    }
}

/// A text as JSON.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn price(text: &str) -> Price {
        Price::parse(text).expect("a price")
    }

    #[wasm_bindgen_test]
    fn a_line_moves_its_own_bound() {
        let above = Condition::CrossesAbove { price: price("200") };
        assert_eq!(moved(&above, "only", price("205")), Some(Condition::CrossesAbove { price: price("205") }));
        let channel = Condition::Enters { low: price("180"), high: price("190") };
        assert_eq!(bounds(&channel).len(), 2);
        let expected = Condition::Enters { low: price("185"), high: price("190") };
        assert_eq!(moved(&channel, "low", price("185")), Some(expected));
        let turned = Condition::Enters { low: price("190"), high: price("195") };
        assert_eq!(moved(&channel, "low", price("195")), Some(turned));
        assert_eq!(moved(&channel, "low", price("190")), None);
        assert_eq!(moved(&Condition::NewHigh { days: 5 }, "only", price("1")), None);
    }
}
