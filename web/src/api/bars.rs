//! Bars of a security.

use super::call::Call;
use super::{Api, Failure};
use js_sys::Date;
use watchtape_shared::bar::Interval;
use watchtape_shared::{Bar, Page, Symbol};

/// The most bars of a response.
const PAGE: usize = 5000;

impl Api {
    /// The bars of an interval since a moment, oldest first; in pages from the newest to the oldest, `most_pages` at
    /// most.
    pub(crate) async fn list_bars(
        self,
        symbol: Symbol,
        interval: Interval,
        since_ms: i64,
        most_pages: usize,
    ) -> Result<Vec<Bar>, Failure> {
        let mut all = Vec::new();
        let from = iso(since_ms);
        for _ in 0..most_pages {
            let mut path = format!("/quotes/{symbol}/bars?interval={interval}&limit={PAGE}&from={from}");
            if let Some(Bar { start, .. }) = all.first() {
                path.push_str("&to=");
                path.push_str(&iso(start.timestamp_millis()));
            }
            let page: Page<Bar> = self.authorised(Call::get(path)).await?.json()?;
            let is_whole = page.items.len() < PAGE;
            all.splice(..0, page.items);
            if is_whole {
                break;
            }
        }
        Ok(all)
    }
}

/// A moment in ISO 8601.
fn iso(ms: i64) -> String {
    Date::new(&(ms as f64).into()).to_iso_string().into()
}
