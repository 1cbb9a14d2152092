//! What an event happened in: an element, the row of a security, the tab of a list.

use wasm_bindgen::JsCast;
use watchtape_shared::{Symbol, WatchlistId};
use web_sys::{Element, Event};

/// The rows of the table: a row is known by its `data-symbol`.
const ROW: &str = "[role=row][data-symbol]";

/// The element that an event happened to.
pub(crate) fn element(event: &Event) -> Option<Element> {
    event.target()?.dyn_into().ok()
}

/// The symbol of the row that an event happened in.
pub(crate) fn row(event: &Event) -> Option<Symbol> {
    row_around(&element(event)?)
}

/// The symbol of the row that an element is in.
pub(crate) fn row_around(element: &Element) -> Option<Symbol> {
    let row = element.closest(ROW).ok().flatten()?;
    Symbol::parse(&row.get_attribute("data-symbol")?).ok()
}

/// The list whose tab an event happened in.
pub(crate) fn tab(event: &Event) -> Option<WatchlistId> {
    let tab = element(event)?.closest("[data-list]").ok().flatten()?;
    WatchlistId::parse(&tab.get_attribute("data-list")?).ok()
}
