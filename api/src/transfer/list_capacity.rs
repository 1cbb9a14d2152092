//! What can still be added to a list: new symbols, up to `MAX_ITEMS` items.

use super::Rejection;
use std::collections::HashSet;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::{AddItem, MAX_ITEMS};
use watchtape_shared::{Patch, Symbol};

/// The symbols of a list, including those that are about to be added.
pub struct ListCapacity(HashSet<Symbol>);

impl ListCapacity {
    /// The capacity of a list with these symbols.
    pub fn of(symbols: impl IntoIterator<Item = Symbol>) -> Self {
        Self(symbols.into_iter().collect())
    }

    /// Adds an item, unless it is rejected already, on the list, one too many, or named a place by what is not there.
    pub fn add(&mut self, item: Result<AddItem, Rejection>) -> Result<AddItem, Rejection> {
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
        if let (Patch::Value(after), None) = (item.after, item.position)
            && !self.0.contains(&after)
        {
            return Err(Rejection::new(
                RejectionCode::NotOnList,
                format!("{after}, to stand after, is not on the list"),
            ));
        }
        self.0.insert(symbol);
        Ok(item)
    }
}
