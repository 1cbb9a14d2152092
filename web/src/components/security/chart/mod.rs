//! The price history of a security, as a chart or as a table.

mod controls;
mod levels;
mod origin;
mod picture;
mod script;

use super::bars_table::BarsTable;
use crate::components::controls::notice::{FailureNotice, Notice};
use crate::state::prices::chart_data::ChartData;
use crate::state::prices::quotes::Cell;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{dynamic, memo, text};
use controls::{Controls, follow_keys};
use leptos::prelude::*;
use levels::MarksNote;
use origin::Origin;
use picture::Picture;
use watchtape_shared::Symbol;

/// The chart with its controls.
#[component]
pub(crate) fn Chart(symbol: Symbol, chart_data: ChartData, cell: ArcRwSignal<Cell>) -> impl IntoView {
    let state = state();
    let is_table = RwSignal::new(false);
    follow_keys(symbol, chart_data, is_table);
    // A tick updates the newest bar in place; the body is only rendered again when its kind changes.
    let body = memo(move |_| Body::of(chart_data, is_table));
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
            <MarksNote symbol />
            <Origin state chart_data />
        </section>
    }
}

/// The content below the controls.
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
            // Loaded bars stay, even if loading others failed.
            Some(range) if range == chart_data.range() || chart_data.failure().is_none() => {
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
    if chart_data.shown() == Some(chart_data.range()) || chart_data.failure().is_some() { "false" } else { "true" }
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
