//! The note under the chart: the length of its bars, their time zone, their source, and the library that draws them.

use crate::i18n::date_time::city;
use crate::state::State;
use crate::state::prices::chart_data::ChartData;
use crate::state::prices::chart_data::time_range::TimeRange;
use crate::texts;
use crate::view::reactive::{memo, text};
use leptos::prelude::*;
use watchtape_shared::quote::Mode;

/// The note.
#[component]
pub(super) fn Origin(state: State, chart_data: ChartData) -> impl IntoView {
    let mode = memo(move |_| state.market.with(|market| market.as_ref().map(|market| market.feed.mode)));
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
