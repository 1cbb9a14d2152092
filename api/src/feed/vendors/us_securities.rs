//! Which securities US vendors cover: those of US exchanges whose symbols the vendors spell as the catalogue does.
//!
//! Share classes have a dot in both (`BRK.B`). The vendors do not document how they spell preferred shares, warrants
//! and units, so that those are not covered.

use watchtape_shared::ticker::Ticker;

/// The US exchanges and the over-the-counter market, by MIC (ISO 10383).
const MICS: [&str; 6] = ["XNYS", "XNAS", "XASE", "ARCX", "BATS", OVER_THE_COUNTER];
const OVER_THE_COUNTER: &str = "OTCM";

/// Whether the security trades in the US, on an exchange or over the counter.
pub fn is_traded(ticker: &Ticker) -> bool {
    ticker.mic.as_deref().is_some_and(|mic| MICS.contains(&mic))
}

/// Whether the security is listed on a US exchange.
pub fn is_exchange_listed(ticker: &Ticker) -> bool {
    is_traded(ticker) && ticker.mic.as_deref() != Some(OVER_THE_COUNTER)
}

/// Whether vendors spell the symbol as the catalogue does: no suffix, or a share class of one letter.
pub fn has_common_symbol(ticker: &Ticker) -> bool {
    match ticker.symbol.as_str().split_once('.') {
        None => true,
        // P stands for preferred shares.
        Some((_, class)) => class.len() == 1 && class != "P",
    }
}
