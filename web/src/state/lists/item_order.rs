//! Inserting and removing items in a list's own order. A place is named by the symbol before it, so that it stays valid
//! when another device adds items.
//!
//! Deliberately absent: signals and requests.

use watchtape_shared::Symbol;
use watchtape_shared::watchlist::WatchlistItem;

/// The index of a symbol.
pub(crate) fn find(items: &[WatchlistItem], symbol: Symbol) -> Option<usize> {
    items.iter().position(|item| item.symbol == symbol)
}

/// The symbol before another, `Some(None)` before the first. `None` if the other is not on the list.
pub(crate) fn before(items: &[WatchlistItem], symbol: Symbol) -> Option<Option<Symbol>> {
    let at = find(items, symbol)?;
    Some(at.checked_sub(1).map(|at| items[at].symbol))
}

/// The items in display order: first those without a section, then each section in the order of their first items.
pub(crate) fn arranged(items: &[WatchlistItem]) -> Vec<&WatchlistItem> {
    let mut sections = vec![None];
    for item in items {
        let section = item.section.as_ref();
        if !sections.contains(&section) {
            sections.push(section);
        }
    }
    let mut arranged: Vec<&WatchlistItem> = items.iter().collect();
    arranged.sort_by_key(|item| sections.iter().position(|section| *section == item.section.as_ref()));
    arranged
}

/// Inserts an item after a symbol, or first. If that symbol is gone, the item's own position counts.
pub(in crate::state) fn place(items: &mut Vec<WatchlistItem>, item: WatchlistItem, behind: Option<Symbol>) {
    let at = match behind.map(|behind| find(items, behind)) {
        None => 0,
        Some(Some(at)) => at + 1,
        Some(None) => (item.position as usize).min(items.len()),
    };
    items.insert(at, item);
    renumber(items);
}

/// Removes an item, and returns it with the symbol that was before it.
pub(in crate::state) fn take(
    items: &mut Vec<WatchlistItem>,
    symbol: Symbol,
) -> Option<(WatchlistItem, Option<Symbol>)> {
    let behind = before(items, symbol)?;
    let item = items.remove(find(items, symbol)?);
    renumber(items);
    Some((item, behind))
}

fn renumber(items: &mut [WatchlistItem]) {
    for (at, item) in (0..).zip(items) {
        item.position = at;
    }
}

#[cfg(test)]
pub(in crate::state) mod tests {
    use super::*;
    use chrono::DateTime;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Currency;

    pub(in crate::state) fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).expect("a symbol")
    }

    fn item(text: &str, position: u32) -> WatchlistItem {
        WatchlistItem {
            symbol: symbol(text),
            name: text.into(),
            mic: None,
            currency: Currency::USD,
            delisted: false,
            position,
            note: None,
            flag: None,
            section: None,
            added_at: DateTime::UNIX_EPOCH,
            quote: None,
            alert_count: None,
        }
    }

    pub(in crate::state) fn list(symbols: &str) -> Vec<WatchlistItem> {
        symbols.split(' ').zip(0..).map(|(text, at)| item(text, at)).collect()
    }

    pub(in crate::state) fn shown(items: &[WatchlistItem]) -> String {
        assert!(items.iter().zip(0..).all(|(item, at)| item.position == at), "positions count from 0");
        items.iter().map(|item| item.symbol.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[wasm_bindgen_test]
    fn what_is_taken_and_placed_again_stands_where_it_stood() {
        let mut items = list("A B C");
        for text in ["A", "B", "C"] {
            let (taken, behind) = take(&mut items, symbol(text)).expect("it is there");
            place(&mut items, taken, behind);
            assert_eq!(shown(&items), "A B C");
        }
        assert!(take(&mut items, symbol("Z")).is_none());
    }

    #[wasm_bindgen_test]
    fn behind_who_has_gone_its_own_position_counts() {
        let mut items = list("A B");
        place(&mut items, item("C", 99), Some(symbol("GONE")));
        place(&mut items, item("D", 1), Some(symbol("GONE")));
        assert_eq!(shown(&items), "A D B C");
    }
}
