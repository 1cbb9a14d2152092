//! Import and export of lists as files.

use super::call::Call;
use super::{Api, Failure, IdempotencyKey};
use watchtape_shared::WatchlistId;
use watchtape_shared::transfer::{Format, Imported};

impl Api {
    /// Appends a file's symbols to a list; with `dry` only returns what would be added.
    pub(crate) async fn import(
        self,
        list: &WatchlistId,
        format: Format,
        content: Vec<u8>,
        dry: bool,
    ) -> Result<Imported, Failure> {
        let path = format!("/watchlists/{list}/import?dry_run={dry}");
        let call = |content| Call::post_file(&path, format.media_type(), content);
        if dry {
            return self.authorised(call(content)).await?.json();
        }
        match self.create(call(content.clone()), &IdempotencyKey::new()).await {
            // So many lines were rejected that the answer cannot be kept for the key.
            Err(failure) if failure.status() == Some(413) => self.authorised(call(content)).await?.json(),
            outcome => outcome?.json(),
        }
    }

    /// A list as a file.
    pub(crate) async fn export(self, list: &WatchlistId, format: Format) -> Result<String, Failure> {
        let path = format!("/watchlists/{list}/export?format={}", format.as_str());
        Ok(self.authorised(Call::get(path)).await?.text())
    }
}
