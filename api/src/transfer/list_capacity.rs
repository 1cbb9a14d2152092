//! What a list has room for.

use super::Rejection;
use std::collections::HashSet;
use watchtape_shared::Symbol;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::{AddItem, MAX_ITEMS};

/// A list's symbols, and those that are to be added.
pub struct ListCapacity(HashSet<Symbol>);

impl ListCapacity {
    /// On a list with these symbols.
    pub fn on(symbols: impl IntoIterator<Item = Symbol>) -> Self {
        Self(symbols.into_iter().collect())
    }

    /// Takes an item in, where it is one, is new to the list and the list is not full.
    pub fn take(&mut self, item: Result<AddItem, Rejection>) -> Result<AddItem, Rejection> {
        let item = item?;
        let symbol = item.symbol;
        if self.0.contains(&symbol) {
            return Err(Rejection::new(
                RejectionCode::AlreadyOnList,
                format!("{symbol} is on the list, or came before"),
            ));
        }
        if self.0.len() >= MAX_ITEMS {
            return Err(Rejection::new(RejectionCode::TooManyItems, format!("a list has at most {MAX_ITEMS} items")));
        }
        self.0.insert(symbol);
        Ok(item)
    }
}
