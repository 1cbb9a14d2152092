//! The places where rows can be dropped: after a row, or at the start of a section.

use crate::state::State;
use crate::state::lists::item_order;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use watchtape_shared::text::Section;
use watchtape_shared::watchlist::WatchlistItem;
use web_sys::Element;

/// A place: after which symbol, and in which section.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slot {
    pub(super) behind: Option<Symbol>,
    pub(super) section: Option<Section>,
}

/// The position of a slot's line on the screen, in pixels.
pub(super) struct Edge {
    pub(super) top: f64,
    pub(super) left: f64,
    pub(super) width: f64,
}

/// Every slot for some symbols, from the top.
pub(super) fn all(items: &[WatchlistItem], symbols: &[Symbol]) -> Vec<Slot> {
    let mut slots = Vec::new();
    let mut held = None;
    for item in item_order::arranged(items).into_iter().filter(|item| !symbols.contains(&item.symbol)) {
        if held.as_ref() != Some(&item.section) {
            let behind = stationary_before(items, item.symbol, symbols);
            slots.push(Slot { behind, section: item.section.clone() });
            held = Some(item.section.clone());
        }
        slots.push(Slot { behind: Some(item.symbol), section: item.section.clone() });
    }
    slots
}

/// The slot that the first of some symbols is in now.
pub(super) fn current(items: &[WatchlistItem], symbols: &[Symbol]) -> Option<Slot> {
    let seen = item_order::arranged(items);
    let at = seen.iter().position(|item| symbols.contains(&item.symbol))?;
    let section = seen[at].section.clone();
    let above = seen[..at].last().filter(|item| item.section == section).map(|item| item.symbol);
    let below = seen[at..].iter().find(|item| item.section == section && !symbols.contains(&item.symbol));
    let behind = above.or_else(|| stationary_before(items, below?.symbol, symbols));
    Some(Slot { behind, section })
}

/// The symbol before another that is not dragged.
pub(super) fn stationary_before(items: &[WatchlistItem], symbol: Symbol, symbols: &[Symbol]) -> Option<Symbol> {
    let at = item_order::find(items, symbol)?;
    items[..at].iter().rev().map(|item| item.symbol).find(|symbol| !symbols.contains(symbol))
}

/// The slot at a height on the screen, and the position of its line.
pub(super) fn under(state: State, y: f64) -> Option<(Slot, Edge)> {
    let found = document().query_selector_all(".table [data-line]").ok()?;
    let mut last: Option<(Element, f64)> = None;
    let mut first: Option<Element> = None;
    for at in 0..found.length() {
        let Some(element) = found.item(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let shape = element.get_bounding_client_rect();
        if shape.height() == 0.0 {
            continue;
        }
        // The order in the page need not be the order on the screen.
        if shape.top() + shape.height() / 2.0 <= y && last.as_ref().is_none_or(|(_, top)| shape.top() > *top) {
            last = Some((element.clone(), shape.top()));
        }
        if first.as_ref().is_none_or(|first| shape.top() < first.get_bounding_client_rect().top()) {
            first = Some(element);
        }
    }
    let (element, is_above) = match last {
        Some((element, _)) => (element, false),
        None => (first?, true),
    };
    let shape = element.get_bounding_client_rect();
    let edge =
        Edge { top: if is_above { shape.top() } else { shape.bottom() }, left: shape.left(), width: shape.width() };
    let slot = state.open_list.items().with_untracked(|items| {
        let line = element.get_attribute("data-line")?;
        if let Some(name) = line.strip_prefix('/') {
            let section = Section::parse(name).ok();
            let first = items.iter().find(|item| item.section == section)?;
            let behind = item_order::before(items, first.symbol)?;
            return Some(Slot { behind, section: if is_above { None } else { section } });
        }
        let symbol = Symbol::parse(&line).ok()?;
        let section = items[item_order::find(items, symbol)?].section.clone();
        Some(Slot { behind: if is_above { item_order::before(items, symbol)? } else { Some(symbol) }, section })
    })?;
    Some((slot, edge))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Currency;

    fn item(symbol: &str, section: &str) -> WatchlistItem {
        WatchlistItem {
            symbol: Symbol::parse(symbol).expect("a symbol"),
            name: symbol.into(),
            mic: None,
            currency: Currency::USD,
            delisted: false,
            position: 0,
            note: None,
            flag: None,
            section: Section::parse(section).ok(),
            added_at: chrono::DateTime::UNIX_EPOCH,
            quote: None,
            alert_count: None,
        }
    }

    #[wasm_bindgen_test]
    fn each_section_begins_with_a_place_of_its_own() {
        let items = [item("A", ""), item("B", "Chips"), item("C", "Chips")];
        let told = |slots: Vec<Slot>| -> Vec<String> {
            let name = |slot: &Slot| slot.section.as_ref().map_or(String::new(), ToString::to_string);
            slots
                .iter()
                .map(|slot| format!("{}/{}", slot.behind.map_or_else(String::new, |s| s.to_string()), name(slot)))
                .collect()
        };
        assert_eq!(told(all(&items, &[])), ["/", "A/", "A/Chips", "B/Chips", "C/Chips"]);
        assert_eq!(told(all(&items, &[items[1].symbol])), ["/", "A/", "A/Chips", "C/Chips"]);
    }
}
