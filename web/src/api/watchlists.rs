//! The account's lists.

use super::call::Call;
use super::{Api, Failure, IdempotencyKey, Version};
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::{NewWatchlist, Watchlist, WatchlistPatch, WatchlistSummary};
use watchtape_shared::{Page, WatchlistId};

impl Api {
    /// Every list of the account, in its owner's order; 50 at most, so one page holds them.
    pub(crate) async fn list_watchlists(self) -> Result<Vec<WatchlistSummary>, Failure> {
        let page: Page<WatchlistSummary> = self.authorised(Call::get("/watchlists")).await?.json()?;
        Ok(page.items)
    }

    /// One list with its items and their last quotes.
    pub(crate) async fn get_watchlist(self, id: &WatchlistId) -> Result<Watchlist, Failure> {
        self.authorised(Call::get(format!("/watchlists/{id}?include=quotes"))).await?.json()
    }

    /// Makes an empty list.
    pub(crate) async fn create_watchlist(self, name: ListName, key: &IdempotencyKey) -> Result<Watchlist, Failure> {
        self.create(Call::post_json("/watchlists", &NewWatchlist { name }), key).await?.json()
    }

    /// Renames a list.
    pub(crate) async fn rename_watchlist(self, id: &WatchlistId, name: ListName) -> Result<Version, Failure> {
        let patch = WatchlistPatch { name: Some(name), position: None };
        Ok(self.authorised(Call::merge_patch(format!("/watchlists/{id}"), &patch)).await?.version())
    }

    /// Deletes a list with its items.
    pub(crate) async fn delete_watchlist(self, id: &WatchlistId) -> Result<(), Failure> {
        self.authorised(Call::delete(format!("/watchlists/{id}"))).await.map(drop)
    }

    /// Moves a list among the account's lists.
    pub(crate) async fn move_watchlist(self, id: &WatchlistId, position: u32) -> Result<Version, Failure> {
        let patch = WatchlistPatch { name: None, position: Some(position) };
        Ok(self.authorised(Call::merge_patch(format!("/watchlists/{id}"), &patch)).await?.version())
    }

    /// A list as JSON, for [`Api::import_json`].
    pub(crate) async fn export_as_json(self, id: &WatchlistId) -> Result<String, Failure> {
        Ok(self.authorised(Call::get(format!("/watchlists/{id}/export?format=json"))).await?.text())
    }

    /// Imports the JSON of [`Api::export_as_json`] into a list.
    pub(crate) async fn import_json(self, id: &WatchlistId, file: String) -> Result<(), Failure> {
        let call = Call::post_file(format!("/watchlists/{id}/import"), "application/json", file.into_bytes());
        self.create(call, &IdempotencyKey::new()).await.map(drop)
    }
}
