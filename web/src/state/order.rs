//! Placing, taking and moving items within a list's own order, as the server does it.
//!
//! Deliberately absent: signals and requests. The same steps run before the server has answered and are taken back
//! where it refuses.

use watchtape_shared::Symbol;
use watchtape_shared::watchlist::WatchlistItem;

/// Puts an item at its own position; past the end means the end. A symbol that is there already is replaced.
pub(super) fn place(items: &mut Vec<WatchlistItem>, item: WatchlistItem) {
    items.retain(|held| held.symbol != item.symbol);
    let at = usize::try_from(item.position).unwrap_or(usize::MAX).min(items.len());
    items.insert(at, item);
    renumber(items);
}

/// Takes an item out. Its position is where it stood.
pub(super) fn take(items: &mut Vec<WatchlistItem>, symbol: Symbol) -> Option<WatchlistItem> {
    let at = items.iter().position(|item| item.symbol == symbol)?;
    let mut item = items.remove(at);
    item.position = u32::try_from(at).unwrap_or(u32::MAX);
    renumber(items);
    Some(item)
}

/// Moves an item by so many places and says where it is now; none where it is not there or at that end already.
pub(super) fn shift(items: &mut Vec<WatchlistItem>, symbol: Symbol, by: isize) -> Option<usize> {
    let from = items.iter().position(|item| item.symbol == symbol)?;
    let to = from.saturating_add_signed(by).min(items.len() - 1);
    if to == from {
        return None;
    }
    let item = items.remove(from);
    items.insert(to, item);
    renumber(items);
    Some(to)
}

fn renumber(items: &mut [WatchlistItem]) {
    for (at, item) in (0..).zip(items) {
        item.position = at;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Currency;

    fn symbol(text: &str) -> Symbol {
        Symbol::parse(text).expect("a symbol")
    }

    fn item(text: &str, position: u32) -> WatchlistItem {
        WatchlistItem {
            symbol: symbol(text),
            name: text.into(),
            mic: None,
            currency: Currency::USD,
            position,
            note: None,
            flag: None,
            section: None,
            added_at: DateTime::UNIX_EPOCH,
            quote: None,
        }
    }

    fn list(symbols: &str) -> Vec<WatchlistItem> {
        symbols.split(' ').zip(0..).map(|(text, at)| item(text, at)).collect()
    }

    fn shown(items: &[WatchlistItem]) -> String {
        assert!(items.iter().zip(0..).all(|(item, at)| item.position == at), "positions count from 0");
        items.iter().map(|item| item.symbol.to_string()).collect::<Vec<_>>().join(" ")
    }

    #[wasm_bindgen_test]
    fn what_is_taken_and_placed_again_stands_where_it_stood() {
        let mut items = list("A B C");
        let taken = take(&mut items, symbol("B")).expect("it is there");
        assert_eq!((shown(&items).as_str(), taken.position), ("A C", 1));
        place(&mut items, taken);
        assert_eq!(shown(&items), "A B C");
        assert!(take(&mut items, symbol("Z")).is_none());
    }

    #[wasm_bindgen_test]
    fn placing_past_the_end_or_twice_keeps_each_symbol_once() {
        let mut items = list("A B");
        place(&mut items, item("C", 99));
        place(&mut items, item("A", 2));
        assert_eq!(shown(&items), "B C A");
    }

    #[wasm_bindgen_test]
    fn a_move_stops_at_the_ends() {
        let mut items = list("A B C");
        assert_eq!(shift(&mut items, symbol("A"), 1), Some(1));
        assert_eq!(shown(&items), "B A C");
        assert_eq!(shift(&mut items, symbol("B"), -1), None);
        assert_eq!(shift(&mut items, symbol("B"), 9), Some(2));
        assert_eq!(shown(&items), "A C B");
    }
}
