//! Calls that bring whole files into a list and out of it.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::WatchlistId;
use watchtape_shared::transfer::{Format, Imported};

impl Api {
    /// Appends what a file has to a list; only says what would become of it where it is `dry`.
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
