//! One security: its description, its quote, and the lists that contain it.

use super::call::Call;
use super::{Api, Failure};
use watchtape_shared::ticker::Ticker;
use watchtape_shared::watchlist::ContainingWatchlist;
use watchtape_shared::{Page, Quote, Symbol};

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

    /// The lists of the account that contain it, each with its item.
    pub(crate) async fn list_watchlists_of_ticker(self, symbol: Symbol) -> Result<Vec<ContainingWatchlist>, Failure> {
        let path = format!("/tickers/{symbol}/watchlists");
        let page: Page<ContainingWatchlist> = self.authorised(Call::get(path)).await?.json()?;
        Ok(page.items)
    }
}
