//! The call for the state of the exchanges and of the feed.

use crate::api::call::Call;
use crate::api::{Api, Failure};
use watchtape_shared::market::Market;

impl Api {
    /// The exchanges and the feed as they are now.
    pub(crate) async fn get_market(self) -> Result<Market, Failure> {
        self.authorised(Call::get("/market")).await?.json()
    }
}
