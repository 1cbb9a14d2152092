//! The bars of a chart as a table, for screen readers and for those who want the figures.

use crate::format::money;
use crate::state::prices::chart_data::ChartData;
use crate::state::prices::chart_data::time_range::TimeRange;
use crate::texts;
use crate::view::reactive::{dynamic, effect, flag, text};
use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use watchtape_shared::{Bar, Symbol};

/// How many rows are shown at a time.
const PAGE: usize = 50;

/// The newest first, a page at a time.
#[component]
pub(crate) fn BarsTable(symbol: Symbol, chart_data: ChartData) -> impl IntoView {
    let page = RwSignal::new(0_usize);
    let bars = chart_data.bars();
    // Other bars begin at the first page.
    effect(move || {
        chart_data.shown();
        page.set(0);
    });
    let count = move || bars.with(Vec::len);
    let span = move || (page.get() * PAGE, (page.get() * PAGE + PAGE).min(count()));
    let caption = move || {
        chart_data.shown().map_or_else(String::new, |range| texts::security::caption(&symbol, &range.bars_label()))
    };
    let when = move || match chart_data.shown().is_some_and(TimeRange::is_intraday) {
        true => texts::security::time(),
        false => texts::security::date(),
    };
    let rows = move || {
        let form = Form::of(chart_data);
        let (from, to) = span();
        bars.with(|bars| bars.iter().rev().take(to).skip(from).map(|bar| row(bar, &form)).collect_view()).into_any()
    };
    view! {
        <div class="bars-table">
            <div class="bars-scroll" role="region" aria-label=text(caption) tabindex="0">
                <table>
                    <caption>{text(caption)}</caption>
                    <thead>
                        <tr>
                            <th scope="col">{text(when)}</th>
                            {[
                                texts::security::open(),
                                texts::security::high(),
                                texts::security::low(),
                                texts::security::close(),
                                texts::security::volume(),
                            ]
                                .map(|name| view! { <th scope="col">{name}</th> })
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>{dynamic(rows)}</tbody>
                </table>
            </div>
            <nav class="bars-pages" aria-label=texts::security::as_table()>
                <button
                    class="button"
                    type="button"
                    disabled=flag(move || page.get() == 0)
                    on:click=move |_| page.update(|page| *page = page.saturating_sub(1))
                >
                    {texts::security::newer()}
                </button>
                <span role="status">
                    {text(move || {
                        let (from, to) = span();
                        texts::security::rows(&(from + 1), &to, &count())
                    })}
                </span>
                <button
                    class="button"
                    type="button"
                    disabled=flag(move || span().1 >= count())
                    on:click=move |_| page.update(|page| *page += 1)
                >
                    {texts::security::older()}
                </button>
            </nav>
        </div>
    }
}

fn row(bar: &Bar, form: &Form) -> AnyView {
    let figures = [bar.open, bar.high, bar.low, bar.close].map(money::price);
    let volume = bar.volume.map_or_else(|| "–".into(), |volume| money::grouped(&volume.to_string()));
    view! {
        <tr>
            <th scope="row">{form.moment(bar)}</th>
            {figures.map(|figure| view! { <td>{figure}</td> }).collect_view()}
            <td>{volume}</td>
        </tr>
    }
    .into_any()
}

/// The format of times: in the page's language and the exchange's time zone.
struct Form {
    language: String,
    options: Object,
}

impl Form {
    fn of(chart_data: ChartData) -> Self {
        let options = Object::new();
        let set = |part: &str, form: &str| {
            // A plain object takes every property.
            let _ = Reflect::set(&options, &part.into(), &form.into());
        };
        set("dateStyle", "medium");
        if chart_data.shown().is_some_and(TimeRange::is_intraday) {
            set("timeStyle", "short");
            if let Some(zone) = chart_data.zone() {
                set("timeZone", &zone);
            }
        } else {
            // A day's bar starts at midnight UTC of its date.
            set("timeZone", "UTC");
        }
        Self { language: texts::locale(), options }
    }

    fn moment(&self, bar: &Bar) -> String {
        let date = Date::new(&(bar.start.timestamp_millis() as f64).into());
        date.to_locale_string(&self.language, &self.options).into()
    }
}
