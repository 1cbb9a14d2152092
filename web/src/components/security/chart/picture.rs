//! The drawn chart: passes the bars to the element `<price-chart>` of `web/chart`.

use super::{levels, script};
use crate::components::controls::notice::Notice;
use crate::format::money;
use crate::state::prices::chart_data::ChartData;
use crate::state::prices::chart_data::time_range::TimeRange;
use crate::state::prices::quotes::Cell;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{dynamic, memo, text};
use leptos::prelude::*;
use watchtape_shared::price::write_micros;
use watchtape_shared::{Bar, Price, Symbol};
use web_sys::CustomEvent;

/// The chart, or why there is none.
#[component]
pub(crate) fn Picture(
    symbol: Symbol,
    chart_data: ChartData,
    is_table: RwSignal<bool>,
    cell: ArcRwSignal<Cell>,
) -> impl IntoView {
    let state = state();
    let failed = RwSignal::new(false);
    script::load(failed);
    let close = memo(move |_| cell.with(|cell| cell.quote.as_ref()?.previous_close));
    let bars = memo(move |_| bars_text(chart_data, chart_data.is_line(), close.get()));
    let levels = memo(move |_| levels::levels_text(state, symbol));
    let marks = memo(move |_| levels::marks_text(state, symbol));
    let label = move || accessible_text(symbol, chart_data);
    dynamic(move || match failed.get() {
        false => view! {
            <price-chart
                class="chart-body"
                role="img"
                aria-label=text(label)
                data-words=texts::security::legend()
                prop:bars=text(move || bars.get())
                prop:levels=text(move || levels.get())
                prop:marks=text(move || marks.get())
                on:levelmove=move |event: CustomEvent| levels::move_level(state, &event)
                prop:last=text(move || chart_data.newest().map_or_else(String::new, |bar| bar_text(&bar)))
            ></price-chart>
        }
        .into_any(),
        true => view! { <NoChart is_table failed /> }.into_any(),
    })
}

#[component]
fn NoChart(is_table: RwSignal<bool>, failed: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="chart-body chart-empty">
            <Notice title=texts::security::chart_failed()>
                <p>{texts::security::chart_failed_about()}</p>
                <div class="chart-ways">
                    <button class="button primary" type="button" on:click=move |_| is_table.set(true)>
                        {texts::security::show_table()}
                    </button>
                    <button class="button" type="button" on:click=move |_| script::load(failed)>
                        {texts::security::look_again()}
                    </button>
                </div>
            </Notice>
        </div>
    }
}

/// The chart's accessible name.
fn accessible_text(symbol: Symbol, chart_data: ChartData) -> String {
    let kind = if chart_data.is_line() { texts::security::line() } else { texts::security::candles() };
    let range = chart_data.shown().map_or("", TimeRange::bars_label);
    chart_data.bars().with(|bars| {
        let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return String::new() };
        let Some((low, high)) = crate::state::prices::chart_data::bars::range(bars) else { return String::new() };
        texts::security::picture(
            &symbol,
            &range,
            &kind,
            &bars.len(),
            &money::price(first.open),
            &money::price(last.close),
            &texts::security::extremes(&money::price(low), &money::price(high)),
        )
    })
}

fn bars_text(chart_data: ChartData, is_line: bool, close: Option<Price>) -> String {
    let mut json = String::from(r#"{"kind":""#);
    json.push_str(if is_line { "line" } else { "candles" });
    json.push_str(r#"","intraday":"#);
    json.push_str(if chart_data.shown().is_some_and(TimeRange::is_intraday) { "true" } else { "false" });
    json.push_str(r#","zone":"#);
    match chart_data.zone() {
        // The name of a time zone needs no escaping in JSON.
        Some(zone) => {
            json.push('"');
            json.push_str(&zone);
            json.push('"');
        }
        None => json.push_str("null"),
    }
    json.push_str(r#","close":"#);
    push_price(&mut json, close);
    json.push_str(r#","baseline":"#);
    json.push_str(if chart_data.shown() == Some(TimeRange::Day) { "true" } else { "false" });
    json.push_str(r#","bars":["#);
    chart_data.bars().with(|bars| {
        for (at, bar) in bars.iter().enumerate() {
            json.push_str(if at > 0 { "," } else { "" });
            json.push_str(&bar_text(bar));
        }
    });
    json.push_str("]}");
    json
}

fn bar_text(bar: &Bar) -> String {
    let mut json = String::from("[");
    json.push_str(&bar.start.timestamp().to_string());
    for price in [bar.open, bar.high, bar.low, bar.close] {
        json.push(',');
        push_price(&mut json, Some(price));
    }
    json.push(',');
    match bar.volume {
        Some(volume) => json.push_str(&volume.to_string()),
        None => json.push_str("null"),
    }
    json.push(']');
    json
}

fn push_price(json: &mut String, price: Option<Price>) {
    match price {
        // Writing to a String cannot fail.
        Some(price) => drop(write_micros(json, price.micros())),
        None => json.push_str("null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_bar_is_an_array_of_numbers() {
        let price = |text| Price::parse(text).expect("a price");
        let bar = Bar { volume: Some(7), ..Bar::of(DateTime::UNIX_EPOCH, price("1234.5")) };
        assert_eq!(bar_text(&bar), "[0,1234.50,1234.50,1234.50,1234.50,7]");
        assert_eq!(bar_text(&Bar { volume: None, ..bar }), "[0,1234.50,1234.50,1234.50,1234.50,null]");
    }
}
