//! Import and export of lists as files.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::WatchlistId;
use watchtape_shared::transfer::{Format, Imported};

impl Api {
    /// Appends a file's symbols to a list; with `dry` only returns what would be added.
    pub(crate) async fn import(
        self,
        list: &WatchlistId,
        format: Format,
        content: String,
        dry: bool,
    ) -> Result<Imported, Failure> {
        let path = format!("/watchlists/{list}/import?dry_run={dry}");
        self.authorised(Call::post_file(path, format.media_type(), content)).await?.json()
    }

    /// A list as a file.
    pub(crate) async fn export(self, list: &WatchlistId, format: Format) -> Result<String, Failure> {
        let path = format!("/watchlists/{list}/export?format={}", format.as_str());
        Ok(self.authorised(Call::get(path)).await?.text())
    }
}
