//! The chart's controls: time range, kind, chart or table; with shortcuts.

use crate::state::prices::chart_data::ChartData;
use crate::state::prices::chart_data::time_range::TimeRange;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{flag, text};
use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::Element;

/// Elements that take keys themselves.
const TYPED_INTO: &str = "input, textarea, select, dialog, [contenteditable], [role=menu]";

#[component]
pub(super) fn Controls(chart_data: ChartData, is_table: RwSignal<bool>) -> impl IntoView {
    let reaches = TimeRange::ALL.into_iter().enumerate().map(|(at, range)| {
        choice(name(range), (at + 1).to_string(), move || chart_data.range() == range, move || chart_data.choose(range))
    });
    let kind = |said: &'static str, is_line: bool| {
        choice(said, "c".into(), move || chart_data.is_line() == is_line, move || chart_data.set_line(is_line))
    };
    let view = |said: &'static str, table: bool| {
        choice(said, "t".into(), move || is_table.get() == table, move || is_table.set(table))
    };
    view! {
        <div class="chart-controls">
            <div class="chart-choices" role="group" aria-label=texts::security::reaches()>
                {reaches.collect_view()}
            </div>
            <div class="chart-choices" role="group" aria-label=texts::security::kinds() hidden=flag(move || is_table.get())>
                {kind(texts::security::candles(), false)} {kind(texts::security::line(), true)}
            </div>
            <div class="chart-choices" role="group" aria-label=texts::security::view()>
                {view(texts::security::as_chart(), false)} {view(texts::security::as_table(), true)}
            </div>
        </div>
    }
}

/// The shortcuts of the page: 1 to 5, `c` and `t` as the controls do, and `a` for an alert.
pub(super) fn follow_keys(symbol: Symbol, chart_data: ChartData, is_table: RwSignal<bool>) {
    let state = state();
    let listener = window_event_listener(keydown, move |event: KeyboardEvent| {
        let typed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let typed = typed.is_some_and(|target| target.closest(TYPED_INTO).ok().flatten().is_some());
        if typed || event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "c" => chart_data.set_line(!untrack(|| chart_data.is_line())),
            "a" => state.open_alert_form(symbol, None),
            "t" => is_table.update(|shown| *shown = !*shown),
            key => {
                let at = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
                match at.and_then(|at| TimeRange::ALL.get(at)) {
                    Some(range) => chart_data.choose(*range),
                    None => return,
                }
            }
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// One of several buttons, of which one is pressed.
fn choice(
    said: &'static str,
    key: String,
    is_chosen: impl Fn() -> bool + Send + 'static,
    choose: impl Fn() + 'static,
) -> AnyView {
    let pressed = text(move || if is_chosen() { "true" } else { "false" });
    let choose: Box<dyn Fn()> = Box::new(choose);
    let title = format!("{said} ({})", key.to_uppercase());
    view! {
        <button
            type="button"
            aria-pressed=pressed
            aria-keyshortcuts=key
            title=title
            on:click=move |_| choose()
        >
            {said}
        </button>
    }
    .into_any()
}

fn name(range: TimeRange) -> &'static str {
    match range {
        TimeRange::Day => texts::security::day(),
        TimeRange::Week => texts::security::week(),
        TimeRange::Month => texts::security::month(),
        TimeRange::Year => texts::security::year(),
        TimeRange::All => texts::security::all(),
    }
}
