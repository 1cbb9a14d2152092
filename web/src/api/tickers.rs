//! The search for securities.

use super::call::{Call, encoded};
use super::{Api, Failure};
use watchtape_shared::Page;
use watchtape_shared::ticker::TickerMatch;

impl Api {
    /// The securities that match a text, best first; without a text those of the highest market value.
    pub(crate) async fn search_tickers(self, query: &str, limit: u32) -> Result<Vec<TickerMatch>, Failure> {
        let path = format!("/tickers?q={}&limit={limit}", encoded(query));
        let page: Page<TickerMatch> = self.authorised(Call::get(path)).await?.json()?;
        Ok(page.items)
    }
}
