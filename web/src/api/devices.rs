//! The devices that are signed in.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::Page;
use watchtape_shared::account::Device;

impl Api {
    /// Every device, the one used last first; 100 at most, so one page holds them.
    pub(crate) async fn list_sessions(self) -> Result<Vec<Device>, Failure> {
        let page: Page<Device> = self.authorised(Call::get("/me/sessions")).await?.json()?;
        Ok(page.items)
    }

    /// Signs one device out.
    pub(crate) async fn revoke_session(self, id: &str) -> Result<(), Failure> {
        self.authorised(Call::delete(format!("/me/sessions/{id}"))).await.map(drop)
    }
}
