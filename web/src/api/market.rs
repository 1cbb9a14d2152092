//! The state of the exchanges and of the feed.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::market::Market;

impl Api {
    /// The exchanges and the feed as they are now.
    pub(crate) async fn get_market(self) -> Result<Market, Failure> {
        self.authorised(Call::get("/market")).await?.json()
    }
}
