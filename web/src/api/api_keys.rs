//! API keys.

use super::call::Call;
use super::{Api, Failure, IdempotencyKey};
use watchtape_shared::Page;
use watchtape_shared::api_key::{ApiKey, CreatedApiKey, NewApiKey};

impl Api {
    /// Every key, the newest first; 50 at most, so one page holds them.
    pub(crate) async fn list_api_keys(self) -> Result<Vec<ApiKey>, Failure> {
        let page: Page<ApiKey> = self.authorised(Call::get("/me/api-keys")).await?.json()?;
        Ok(page.items)
    }

    /// Creates a key. Only this response contains the key itself.
    pub(crate) async fn create_api_key(self, new: &NewApiKey) -> Result<CreatedApiKey, Failure> {
        self.create(Call::post_json("/me/api-keys", new), &IdempotencyKey::new()).await?.json()
    }

    /// Revokes a key.
    pub(crate) async fn revoke_api_key(self, id: &str) -> Result<(), Failure> {
        self.authorised(Call::delete(format!("/me/api-keys/{id}"))).await.map(drop)
    }
}
