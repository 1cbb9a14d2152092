//! Calls of one list's items. Each gives the list's new version, where the server tells it.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::transfer::{BulkAdd, BulkAdded, BulkItem};
use watchtape_shared::watchlist::{AddItem, ItemPatch, Order, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

/// The version of a list that a change made.
pub(crate) type Version = Option<u64>;

impl Api {
    /// Puts a symbol on a list.
    pub(crate) async fn add_item(
        self,
        list: &WatchlistId,
        item: &AddItem,
    ) -> Result<(WatchlistItem, Version), Failure> {
        let answer = self.authorised(Call::post_json(format!("/watchlists/{list}/items"), item)).await?;
        let version = answer.version();
        Ok((answer.json()?, version))
    }

    /// Puts many symbols on a list in one change, and leaves out those that cannot be.
    pub(crate) async fn add_items(self, list: &WatchlistId, items: Vec<BulkItem>) -> Result<BulkAdded, Failure> {
        // Nobody asks for more than a list can hold, nor for nothing.
        let Ok(items) = items.try_into() else { return Err(Failure::Unreachable) };
        self.authorised(Call::post_json(format!("/watchlists/{list}/items/bulk"), &BulkAdd { items })).await?.json()
    }

    /// Takes a symbol from a list.
    pub(crate) async fn remove_item(self, list: &WatchlistId, symbol: Symbol) -> Result<Version, Failure> {
        let answer = self.authorised(Call::delete(format!("/watchlists/{list}/items/{symbol}"))).await?;
        Ok(answer.version())
    }

    /// Changes an item's note, flag, section or place, if the list is still of this version.
    pub(crate) async fn update_item_at(
        self,
        list: &WatchlistId,
        symbol: Symbol,
        patch: &ItemPatch,
        version: u64,
    ) -> Result<Version, Failure> {
        let call = Call::merge_patch(format!("/watchlists/{list}/items/{symbol}"), patch).if_version(version);
        Ok(self.authorised(call).await?.version())
    }

    /// Changes an item whatever else has become of its list, and gives it as it is then.
    pub(crate) async fn update_item(
        self,
        list: &WatchlistId,
        symbol: Symbol,
        patch: &ItemPatch,
    ) -> Result<WatchlistItem, Failure> {
        self.authorised(Call::merge_patch(format!("/watchlists/{list}/items/{symbol}"), patch)).await?.json()
    }

    /// Sets the whole order of a list, if it is still of this version.
    pub(crate) async fn set_order(
        self,
        list: &WatchlistId,
        symbols: Vec<Symbol>,
        version: u64,
    ) -> Result<Version, Failure> {
        let call = Call::with_json("PUT", format!("/watchlists/{list}/order"), &Order { symbols }).if_version(version);
        Ok(self.authorised(call).await?.version())
    }
}
