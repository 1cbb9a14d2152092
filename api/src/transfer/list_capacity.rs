//! What can still be added to a list: new symbols, up to `MAX_ITEMS` items.

use super::Rejection;
use std::collections::HashSet;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::{AddItem, MAX_ITEMS, MAX_LIST_TEXT_BYTES};
use watchtape_shared::{Patch, Symbol};

/// The symbols of a list, including those that are about to be added, and the bytes of its texts.
pub struct ListCapacity {
    symbols: HashSet<Symbol>,
    text_bytes: usize,
}

impl ListCapacity {
    /// The capacity of a list with these symbols and so many bytes of notes and sections.
    pub fn of(symbols: impl IntoIterator<Item = Symbol>, text_bytes: usize) -> Self {
        Self { symbols: symbols.into_iter().collect(), text_bytes }
    }

    /// Adds an item, unless it is rejected already, on the list, one too many, or named a place by what is not there.
    pub fn add(&mut self, item: Result<AddItem, Rejection>) -> Result<AddItem, Rejection> {
        let item = item?;
        let symbol = item.symbol;
        if self.symbols.contains(&symbol) {
            return Err(Rejection::new(
                RejectionCode::AlreadyOnList,
                format!("{symbol} is on the list, or came before"),
            ));
        }
        if self.symbols.len() >= MAX_ITEMS {
            return Err(Rejection::new(RejectionCode::TooManyItems, format!("a list has at most {MAX_ITEMS} items")));
        }
        if let (Patch::Value(after), None) = (item.after, item.position)
            && !self.symbols.contains(&after)
        {
            return Err(Rejection::new(
                RejectionCode::NotOnList,
                format!("{after}, to stand after, is not on the list"),
            ));
        }
        let text = item.text_bytes();
        if text > 0 && self.text_bytes + text > MAX_LIST_TEXT_BYTES {
            let detail = format!("the notes and sections of a list have at most {MAX_LIST_TEXT_BYTES} bytes together");
            return Err(Rejection::new(RejectionCode::TooMuchText, detail));
        }
        self.text_bytes += text;
        self.symbols.insert(symbol);
        Ok(item)
    }
}
