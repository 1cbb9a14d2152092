//! Securities of the exchanges of the United States, and how vendors there spell them.
//!
//! A class of shares stands behind a dot with us as with them (`BRK.B`). How they spell preferred shares, warrants and
//! units, which have more behind the dot, is not documented: those are not asked for.

use watchtape_shared::ticker::Ticker;

/// The exchanges and the over-the-counter market.
const MICS: [&str; 6] = ["XNYS", "XNAS", "XASE", "ARCX", "BATS", OVER_THE_COUNTER];
const OVER_THE_COUNTER: &str = "OTCM";

/// Whether it trades there, on an exchange or over the counter.
pub fn is_traded(ticker: &Ticker) -> bool {
    ticker.mic.as_deref().is_some_and(|mic| MICS.contains(&mic))
}

/// Whether it trades on an exchange there.
pub fn is_listed(ticker: &Ticker) -> bool {
    is_traded(ticker) && ticker.mic.as_deref() != Some(OVER_THE_COUNTER)
}

/// Whether it is spelled alike everywhere: a plain symbol, or one with a class of shares.
pub fn is_plain(ticker: &Ticker) -> bool {
    match ticker.symbol.as_str().split_once('.') {
        None => true,
        // P is for preferred.
        Some((_, class)) => class.len() == 1 && class != "P",
    }
}
