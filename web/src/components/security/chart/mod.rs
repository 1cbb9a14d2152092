//! The past of a security: a chart, or the same as a table, and how far back it goes.

mod picture;
mod script;

use super::bars_table::BarsTable;
use crate::components::controls::notice::{FailureNotice, Notice};
use crate::state::prices::chart_data::ChartData;
use crate::state::prices::chart_data::time_range::TimeRange;
use crate::state::prices::quotes::Cell;
use crate::state::{State, state};
use crate::texts;
use crate::view::reactive::{dynamic, flag, text};
use leptos::ev::{KeyboardEvent, keydown};
use leptos::prelude::*;
use picture::Picture;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use watchtape_shared::quote::Mode;
use web_sys::Element;

/// What takes keys for itself.
const TYPED_INTO: &str = "input, textarea, select, dialog, [contenteditable], [role=menu]";

/// The chart with its controls.
#[component]
pub(crate) fn Chart(symbol: Symbol, chart_data: ChartData, cell: ArcRwSignal<Cell>) -> impl IntoView {
    let state = state();
    let is_table = RwSignal::new(false);
    follow_keys(chart_data, is_table);
    // A tick moves the newest bar in place; only what replaces the picture makes the body anew.
    let body = Memo::new(move |_| Body::of(chart_data, is_table));
    view! {
        <section class="security-card chart" aria-labelledby="chart" aria-busy=text(move || busy(chart_data))>
            <h2 id="chart" class="visually-hidden">
                {texts::security::chart()}
            </h2>
            <Controls chart_data is_table />
            {dynamic(move || match body.get() {
                Body::Waiting => view! { <Waiting /> }.into_any(),
                Body::Failed => view! { <Failed chart_data /> }.into_any(),
                Body::Empty => view! { <Empty chart_data /> }.into_any(),
                Body::Table => view! { <BarsTable symbol chart_data /> }.into_any(),
                Body::Picture => view! { <Picture symbol chart_data is_table cell=cell.clone() /> }.into_any(),
            })}
            <Origin state chart_data />
        </section>
    }
}

/// What stands below the controls.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Body {
    Waiting,
    Failed,
    Empty,
    Table,
    Picture,
}

impl Body {
    fn of(chart_data: ChartData, is_table: RwSignal<bool>) -> Self {
        match chart_data.shown() {
            // Bars that are there stay, whatever became of those that were asked for.
            Some(range) if range == chart_data.reach() || chart_data.failure().is_none() => {
                match chart_data.bars().with(Vec::is_empty) {
                    true => Self::Empty,
                    false if is_table.get() => Self::Table,
                    false => Self::Picture,
                }
            }
            _ if chart_data.failure().is_some() => Self::Failed,
            _ => Self::Waiting,
        }
    }
}

fn busy(chart_data: ChartData) -> &'static str {
    if chart_data.shown() == Some(chart_data.reach()) || chart_data.failure().is_some() { "false" } else { "true" }
}

/// The keys that the controls name: 1 to 5, `c` and `t`.
fn follow_keys(chart_data: ChartData, is_table: RwSignal<bool>) {
    let listener = window_event_listener(keydown, move |event: KeyboardEvent| {
        let typed = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let typed = typed.is_some_and(|target| target.closest(TYPED_INTO).ok().flatten().is_some());
        if typed || event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "c" => chart_data.draw_line(!untrack(|| chart_data.is_line())),
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

#[component]
fn Controls(chart_data: ChartData, is_table: RwSignal<bool>) -> impl IntoView {
    let reaches = TimeRange::ALL.into_iter().enumerate().map(|(at, range)| {
        choice(name(range), (at + 1).to_string(), move || chart_data.reach() == range, move || chart_data.choose(range))
    });
    let kind = |said: &'static str, is_line: bool| {
        choice(said, "c".into(), move || chart_data.is_line() == is_line, move || chart_data.draw_line(is_line))
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

#[component]
fn Waiting() -> impl IntoView {
    view! { <div class="chart-body bone" role="status" aria-label=texts::security::loading_bars()></div> }
}

#[component]
fn Failed(chart_data: ChartData) -> impl IntoView {
    dynamic(move || {
        let Some(failure) = chart_data.failure() else { return ().into_any() };
        view! { <FailureNotice title=texts::security::bars_failed() failure on_retry=move |()| chart_data.load() /> }
            .into_any()
    })
}

/// A fresh installation, or a security that nobody has watched yet.
#[component]
fn Empty(chart_data: ChartData) -> impl IntoView {
    view! {
        <div class="chart-body chart-empty">
            <Notice title=texts::security::no_bars()>
                <p>{texts::security::no_bars_about()}</p>
                <button class="button" type="button" on:click=move |_| chart_data.load()>
                    {texts::security::look_again()}
                </button>
            </Notice>
        </div>
    }
}

/// What the bars are, whose time they tell, where they are from, and who draws them.
#[component]
fn Origin(state: State, chart_data: ChartData) -> impl IntoView {
    let mode = Memo::new(move |_| state.market.with(|market| market.as_ref().map(|market| market.feed.mode)));
    let origin = move || match mode.get() {
        Some(Mode::Simulated) => texts::security::origin_simulated(),
        Some(Mode::Replay) => texts::security::origin_replay(),
        Some(Mode::Live) => texts::security::origin_live(),
        Some(Mode::Delayed) => texts::security::origin_delayed(),
        None => "",
    };
    let zone = move || match (chart_data.shown().is_some_and(TimeRange::is_intraday), chart_data.zone()) {
        (false, _) => String::new(),
        (true, Some(zone)) => texts::security::exchange_time(&city(&zone)),
        (true, None) => texts::security::own_time().into(),
    };
    view! {
        <footer class="chart-origin">
            <p>
                <span>{text(move || chart_data.shown().map_or("", TimeRange::bars_label))}</span>
                <span>{text(zone)}</span>
                <span>{text(origin)}</span>
            </p>
            <p class="chart-notice">
                <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
                    {texts::security::notice()}
                </a>
                <a href="/chart-licences.txt" target="_blank">
                    {texts::security::licences()}
                </a>
            </p>
        </footer>
    }
}

/// `America/New_York` as people say it.
fn city(zone: &str) -> String {
    zone.rsplit('/').next().unwrap_or(zone).replace('_', " ")
}
