//! Calls of one list's items.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::watchlist::{AddItem, ItemPatch, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

impl Api {
    /// Puts a symbol on a list.
    pub(crate) async fn add_item(self, list: &WatchlistId, item: &AddItem) -> Result<WatchlistItem, Failure> {
        self.authorised(Call::post_json(format!("/watchlists/{list}/items"), item)).await?.json()
    }

    /// Takes a symbol from a list.
    pub(crate) async fn remove_item(self, list: &WatchlistId, symbol: Symbol) -> Result<(), Failure> {
        self.authorised(Call::delete(format!("/watchlists/{list}/items/{symbol}"))).await.map(drop)
    }

    /// Changes an item's note, flag, section or place.
    pub(crate) async fn change_item(
        self,
        list: &WatchlistId,
        symbol: Symbol,
        patch: &ItemPatch,
    ) -> Result<WatchlistItem, Failure> {
        self.authorised(Call::merge_patch(format!("/watchlists/{list}/items/{symbol}"), patch)).await?.json()
    }
}
