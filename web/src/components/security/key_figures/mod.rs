//! The key figures of a security: session and 52 weeks.

use crate::components::prices::figure_row::figure_row;
use crate::format::money;
use crate::state::prices::chart_data::{ChartData, bars};
use crate::state::prices::quotes::Cell;
use crate::texts;
use crate::view::reactive::{Reactive, attribute, flag, memo, text};
use leptos::prelude::*;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::{Price, Quote};

/// A list of figures, each with its name.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "the properties of a component are owned")]
pub(crate) fn KeyFigures(ticker: Ticker, chart_data: ChartData, cell: ArcRwSignal<Cell>) -> impl IntoView {
    let of = |read: fn(&Quote) -> Option<String>| {
        let cell = cell.clone();
        text(move || {
            let figure = cell.with(|cell| cell.quote.as_ref().and_then(read));
            figure.unwrap_or_else(|| "–".into())
        })
    };
    let now = cell.clone();
    let price = move || now.with(|cell| cell.quote.as_ref()?.price);
    let day = {
        let cell = cell.clone();
        move || cell.with(|cell| cell.quote.as_ref().and_then(|quote| quote.low.zip(quote.high)))
    };
    // The session of today may be in no bar yet.
    let year = {
        let day = day.clone();
        move || {
            let year = chart_data.year().with(|days| bars::range(days));
            match (year, day()) {
                (Some((low, high)), Some((day_low, day_high))) => Some((low.min(day_low), high.max(day_high))),
                (year, _) => year,
            }
        }
    };
    let Ticker { sector, country, indices, .. } = ticker;
    let indices = (!indices.is_empty()).then(|| indices.join(", "));
    view! {
        <section class="security-card key-figures" aria-labelledby="key-figures">
            <h2 id="key-figures">{texts::security::figures()}</h2>
            {span(texts::security::day_range(), day, price.clone())}
            {span(texts::security::year_range(), year, price)}
            <dl>
                {figure_row(texts::security::open(), of(|quote| quote.open.map(money::price)))}
                {figure_row(texts::security::previous_close(), of(|quote| quote.previous_close.map(money::price)))}
                {figure_row(texts::security::high(), of(|quote| quote.high.map(money::price)))}
                {figure_row(texts::security::low(), of(|quote| quote.low.map(money::price)))}
                {figure_row(
                    texts::security::volume(),
                    of(|quote| quote.volume.map(|volume| money::grouped(&volume.to_string()))),
                )}
                {country.map(|country| figure_row(texts::security::country(), said(country.to_string())))}
                {sector.map(|sector| figure_row(texts::security::sector(), said(sector.to_string())))}
                {indices.map(|indices| figure_row(texts::security::indices(), said(indices)))}
            </dl>
        </section>
    }
}

fn said(words: String) -> Reactive<String> {
    text(move || words.clone())
}

/// A bar from the lowest to the highest price, with a marker at the current one.
fn span(
    name: &'static str,
    read: impl Fn() -> Option<(Price, Price)> + Clone + Send + Sync + 'static,
    price: impl Fn() -> Option<Price> + Send + Sync + 'static,
) -> AnyView {
    let range = memo(move |_| read());
    let shown = |end: fn((Price, Price)) -> Price| {
        text(move || range.get().map_or_else(|| "–".into(), |range| money::price(end(range))))
    };
    let place = memo(move |_| Some(place(range.get()?, price()?)));
    view! {
        <div class="span-figure">
            <h3>{name}</h3>
            <p>
                <span>{shown(|range| range.0)}</span>
                <span class="span-bar" aria-hidden="true">
                    <span
                        class="span-pin"
                        hidden=flag(move || place.get().is_none())
                        style:inset-inline-start=attribute(move || place.get())
                    ></span>
                </span>
                <span>{shown(|range| range.1)}</span>
            </p>
        </div>
    }
    .into_any()
}

/// The position of a price between two others in percent, clamped.
fn place((low, high): (Price, Price), price: Price) -> String {
    let (low, high, price) = (i128::from(low.micros()), i128::from(high.micros()), i128::from(price.micros()));
    let permille = if high > low { ((price - low) * 1000 / (high - low)).clamp(0, 1000) } else { 500 };
    format!("{}.{}%", permille / 10, permille % 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_price_stands_between_the_ends_and_never_beyond_them() {
        let price = |micros| Price::from_micros(micros).expect("a price");
        let at = |micros| place((price(100), price(200)), price(micros));
        assert_eq!([at(100), at(125), at(200), at(90), at(300)], ["0.0%", "25.0%", "100.0%", "0.0%", "100.0%"]);
        assert_eq!(place((price(5), price(5)), price(5)), "50.0%");
    }
}
