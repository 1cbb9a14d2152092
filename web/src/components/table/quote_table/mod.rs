//! The table of the open list: an ARIA grid with one tab stop, where the arrow keys move from line to line. Only the
//! lines in view and a few more are in the page, each positioned by its top.
//!
//! ```text
//!   state/lists/rows (which lines) ─▶ viewport/layout.rs (where) ─▶ viewport (which are in view) ─▶ quote_row, section_row
//!                                                                        └─▶ visible_symbols: what is subscribed
//! ```

mod head;
mod keys;

use super::quote_row::QuoteRow;
use super::section_row::SectionRow;
use super::sort_notice::SortNotice;
use super::viewport::Viewport;
use crate::components::controls::lazy::Lazy;
use crate::state::appearance::column::Column;
use crate::state::lists::rows::line::Line;
use crate::state::{State, state};
use crate::texts;
use crate::view::focus;
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::{dynamic, effect, flag, memo, text};

use head::TableHead;
use leptos::ev::{FocusEvent, MouseEvent, PointerEvent};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use watchtape_shared::text::Section;
use web_sys::{Element, EventTarget};

/// The table's key in `visible_symbols`.
const PART: &str = "list";
/// The prefix of a section's key; no symbol begins with it.
const SECTION: char = '/';

/// The list's securities and their prices.
#[component]
pub(crate) fn QuoteTable() -> impl IntoView {
    let state = state();
    let viewport = Viewport::follow(state);
    follow_screen(state, viewport);
    follow_sort(state);
    focus::set_row_scroller(Some(Rc::new(move |symbol| state.rows.visit(Line::Row(symbol)))));
    on_cleanup(move || {
        focus::set_row_scroller(None);
        state.price_card.close();
    });

    let label = move || {
        let name = state.open_list.id().get().and_then(|id| state.lists.name(&id));
        name.map_or_else(|| texts::list::prices().to_owned(), |name| texts::list::prices_of(&name))
    };
    let lines = move || {
        focus::preserve(".rows");
        viewport.lines().with(|lines| lines.iter().map(name_of).collect())
    };
    let line = move |name: String| match name.strip_prefix(SECTION) {
        Some(name) => Section::parse(name).ok().map(|section| view! { <SectionRow section viewport /> }).into_any(),
        None => Symbol::parse(&name).ok().map(|symbol| view! { <QuoteRow symbol viewport /> }).into_any(),
    };
    let on_focusin = move |event: FocusEvent| {
        if let Some(line) = line_at(event.target()) {
            state.rows.visit(line);
        }
    };
    view! {
        <SortNotice />
        <div class="quote-table" class:halted=flag(move || state.connection.is_lost())>
            <div
                class="table"
                role="grid"
                aria-multiselectable="true"
                aria-label=text(label)
                aria-rowcount=text(move || (viewport.count() + 1).to_string())
                style=("--columns", text(move || state.columns.template()))
                style=("--covered", text(move || viewport.covered()))
            >
                <TableHead />
                <div
                    role="rowgroup"
                    class="rows"
                    node_ref=viewport.body
                    style:height=text(move || viewport.height())
                    on:keydown=move |event| keys::press(state, viewport, &event)
                    on:focusin=on_focusin
                    on:click=move |event| open_card_on_click(state, &event)
                    on:pointerover=move |event: PointerEvent| point_at_price(state, &event)
                    on:pointerleave=move |_| state.price_card.point(None)
                >
                    <Keyed names=names(lines) make=make(line) />
                </div>
            </div>
            <div class="probes" aria-hidden="true">
                <div class="row-probe" node_ref=viewport.row_probe></div>
                <div class="section-probe" node_ref=viewport.section_probe></div>
            </div>
        </div>
        <LazyPriceCard />
    }
}

fn name_of(line: &Line) -> String {
    match line {
        Line::Row(symbol) => symbol.to_string(),
        Line::Section(section) => {
            let mut name = SECTION.to_string();
            name.push_str(section.as_str());
            name
        }
    }
}

/// The line that an element of the table is in.
pub(crate) fn line_at(target: Option<EventTarget>) -> Option<Line> {
    let row = target?.dyn_into::<Element>().ok()?.closest("[data-line]").ok()??;
    let name = row.get_attribute("data-line")?;
    match name.strip_prefix(SECTION) {
        Some(name) => Section::parse(name).ok().map(Line::Section),
        None => Symbol::parse(&name).ok().map(Line::Row),
    }
}

/// Subscribes the lines in view, and loads their sparklines.
fn follow_screen(state: State, viewport: Viewport) {
    let is_drawn = memo(move |_| state.columns.shown().with(|shown| shown.contains(&Column::Spark)));
    effect(move || {
        let symbols = viewport.lines().with(|lines| Viewport::symbols(lines));
        state.sparklines.show(if is_drawn.get() { symbols.clone() } else { Vec::new() });
        state.visible_symbols.set(PART, symbols);
    });
    on_cleanup(move || {
        state.sparklines.show(Vec::new());
        state.visible_symbols.clear(PART);
    });
}

/// Refreshes the sort every second, but not while the pointer or the focus is on a row.
fn follow_sort(state: State) {
    effect(move || {
        let second = state.clock.now_ms() / 1000;
        state.sorting.tick(second, is_in_use);
    });
}

fn is_in_use() -> bool {
    let selector = ".rows :focus-visible, .rows:hover";
    document().query_selector(selector).ok().flatten().is_some()
}

/// Opens the card of the price whose age was clicked.
fn open_card_on_click(state: State, event: &MouseEvent) {
    let is_age = |target: Element| target.closest(".age").ok().flatten().is_some();
    let target = event.target();
    if target.clone().and_then(|target| target.dyn_into().ok()).is_some_and(is_age)
        && let Some(Line::Row(symbol)) = line_at(target)
    {
        state.price_card.show(symbol);
    }
}

/// Opens the card of the price that the mouse rests on.
fn point_at_price(state: State, event: &PointerEvent) {
    if event.pointer_type() == "touch" {
        return;
    }
    let is_price = |target: Element| target.closest(".column-price, .column-age").ok().flatten().is_some();
    let on_price = event.target().and_then(|target| target.dyn_into().ok()).is_some_and(is_price);
    let symbol = line_at(event.target()).filter(|_| on_price).and_then(|line| line.symbol());
    state.price_card.point(symbol);
}

/// The price card, loaded on first use.
#[component]
fn LazyPriceCard() -> impl IntoView {
    let state = state();
    let card = state.price_card;
    let was_asked = memo(move |was| was == Some(&true) || card.open().get().is_some());
    dynamic(move || match was_asked.get() {
        true => view! { <Lazy quiet=true load=state.lazy.price_card /> }.into_any(),
        false => ().into_any(),
    })
}
