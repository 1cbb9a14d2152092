//! The items of one list. Changes return the list's new version, where the server sends it.

use super::call::Call;
use super::{Api, Failure, IdempotencyKey};
use watchtape_shared::transfer::{BulkAdd, BulkAdded};
use watchtape_shared::watchlist::{AddItem, ItemPatch, MoveItems, NewItem, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

/// The version of a list that a change made.
pub(crate) type Version = Option<u64>;

impl Api {
    /// Adds a symbol to a list.
    pub(crate) async fn add_item(
        self,
        list: &WatchlistId,
        item: &AddItem,
        key: &IdempotencyKey,
    ) -> Result<(WatchlistItem, Version), Failure> {
        let answer = self.create(Call::post_json(format!("/watchlists/{list}/items"), item), key).await?;
        let version = answer.version();
        Ok((answer.json()?, version))
    }

    /// Adds many symbols to a list in one request; those that cannot be added are left out.
    pub(crate) async fn add_items(
        self,
        list: &WatchlistId,
        items: Vec<NewItem>,
        key: &IdempotencyKey,
    ) -> Result<BulkAdded, Failure> {
        // Nobody asks for more than a list can hold, nor for nothing.
        let Ok(items) = items.try_into() else { return Err(Failure::Unreachable) };
        self.create(Call::post_json(format!("/watchlists/{list}/items/bulk"), &BulkAdd { items }), key).await?.json()
    }

    /// Removes a symbol from a list.
    pub(crate) async fn remove_item(self, list: &WatchlistId, symbol: Symbol) -> Result<Version, Failure> {
        let answer = self.authorised(Call::delete(format!("/watchlists/{list}/items/{symbol}"))).await?;
        Ok(answer.version())
    }

    /// Changes an item's note, flag, section or position, if the list still has this version.
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

    /// Changes an item, whatever the list's version, and returns it.
    pub(crate) async fn update_item(
        self,
        list: &WatchlistId,
        symbol: Symbol,
        patch: &ItemPatch,
    ) -> Result<WatchlistItem, Failure> {
        self.authorised(Call::merge_patch(format!("/watchlists/{list}/items/{symbol}"), patch)).await?.json()
    }

    /// Moves items of a list together.
    pub(crate) async fn move_items(self, list: &WatchlistId, request: &MoveItems) -> Result<Version, Failure> {
        Ok(self.authorised(Call::post_json(format!("/watchlists/{list}/items/move"), request)).await?.version())
    }
}
