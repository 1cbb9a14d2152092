//! Appending many items to a watchlist in one change, for bulk requests and imports.

use crate::db::list_lock::{self, Expected};
use crate::db::{DbConnection, Result as DbResult, item};
use crate::transfer::{ListCapacity, Rejection};
use watchtape_shared::watchlist::AddItem;
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// The result of `append_items`.
pub(super) struct Appended {
    /// For each item its symbol, or why it was rejected; in the order of the request.
    pub(super) results: Vec<Result<Symbol, Rejection>>,
    /// The list's version afterwards.
    pub(super) version: u64,
    /// Whether the list was changed.
    pub(super) is_changed: bool,
}

/// Appends the items that the list has not yet, up to its limit, as one version of the list. With `dry_run` nothing changes.
pub(super) fn append_items(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &WatchlistId,
    expected: &Expected,
    items: Vec<Result<AddItem, Rejection>>,
    dry_run: bool,
) -> DbResult<Appended> {
    let mut list = list_lock::lock(connection, owner, id, expected)?;
    let symbols = item::symbols(connection, &list)?;
    let mut capacity = ListCapacity::of(symbols.iter().copied(), item::list_text_bytes(connection, list.id())?);
    let (mut added, mut results) = (Vec::new(), Vec::with_capacity(items.len()));
    for item in items {
        results.push(capacity.add(item).map(|item| {
            let symbol = item.symbol;
            added.push(item);
            symbol
        }));
    }
    if !dry_run && !added.is_empty() {
        item::add_all(connection, &mut list, &symbols, &added)?;
    }
    Ok(Appended { results, version: list.version(), is_changed: list.is_changed() })
}
