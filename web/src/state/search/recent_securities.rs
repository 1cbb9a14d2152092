//! The securities last chosen in the palette, stored in this browser for the account that chose them.

use crate::state::local_storage;
use watchtape_shared::UserId;
use watchtape_shared::ticker::{Ticker, TickerMatch};

const KEY: &str = "watchtape.recent";
const MOST: usize = 5;

/// The latest first; none that another account chose.
pub(in crate::state) fn of(user: &UserId) -> Vec<TickerMatch> {
    let Some(stored) = local_storage::read(KEY) else { return Vec::new() };
    let Some((owner, tickers)) = stored.split_once('\n') else { return Vec::new() };
    if owner != user.as_str() {
        return Vec::new();
    }
    let tickers: Vec<Ticker> = serde_json::from_str(tickers).unwrap_or_default();
    tickers.into_iter().map(|ticker| TickerMatch { ticker, matched: None }).collect()
}

/// Puts a security first.
pub(in crate::state) fn remember(user: &UserId, ticker: &Ticker) {
    let mut tickers = vec![ticker.clone()];
    tickers.extend(of(user).into_iter().map(|found| found.ticker).filter(|held| held.symbol != ticker.symbol));
    tickers.truncate(MOST);
    if let Ok(tickers) = serde_json::to_string(&tickers) {
        local_storage::write(KEY, &format!("{}\n{tickers}", user.as_str()));
    }
}
