//! One security: its description, its quote, and the items of a list.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::watchlist::{Watchlist, WatchlistItem};
use watchtape_shared::{Page, Quote, Symbol, WatchlistId};

impl Api {
    /// The security of a symbol.
    pub(crate) async fn get_ticker(self, symbol: Symbol) -> Result<Ticker, Failure> {
        self.authorised(Call::get(format!("/tickers/{symbol}"))).await?.json()
    }

    /// Its last known quote.
    pub(crate) async fn get_quote(self, symbol: Symbol) -> Result<Option<Quote>, Failure> {
        let page: Page<Quote> = self.authorised(Call::get(format!("/quotes?symbols={symbol}"))).await?.json()?;
        Ok(page.items.into_iter().next())
    }

    /// The items of a list, without quotes.
    pub(crate) async fn get_watchlist_items(self, id: &WatchlistId) -> Result<Vec<WatchlistItem>, Failure> {
        let list: Watchlist = self.authorised(Call::get(format!("/watchlists/{id}"))).await?.json()?;
        Ok(list.items)
    }
}
