//! Calls of the catalogue of securities.

use super::call::{Call, encoded};
use super::{Api, Failure};
use watchtape_shared::Page;
use watchtape_shared::ticker::TickerMatch;

impl Api {
    /// The securities that a text finds, best first; those of the highest market value where there is no text.
    pub(crate) async fn search_tickers(self, query: &str, limit: u32) -> Result<Vec<TickerMatch>, Failure> {
        let path = format!("/tickers?q={}&limit={limit}", encoded(query));
        let page: Page<TickerMatch> = self.authorised(Call::get(path)).await?.json()?;
        Ok(page.items)
    }
}
