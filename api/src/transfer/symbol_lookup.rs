//! `EXCHANGE:SYMBOL`: which security of the catalogue is meant, and how one is written for TradingView.

use super::Rejection;
use super::exchange::{self, Exchange};
use crate::search::TickerIndex;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::WatchlistItem;

/// What separates the classes of a share, in one place or another.
const SEPARATORS: [char; 4] = ['.', '-', '_', '/'];

/// The security that a text means: spelt as in the catalogue, or as elsewhere where only one can be meant.
pub fn find(catalogue: &TickerIndex, text: &str) -> Result<Symbol, Rejection> {
    let (place, code) = match text.split_once(':') {
        Some((place, code)) => (Some(place.trim()), code.trim()),
        None => (None, text.trim()),
    };
    let exchanges = place.map(exchange::named).unwrap_or_default();
    let agrees = |ticker: &&Ticker| match (place, &ticker.mic) {
        (Some(_), Some(mic)) => exchanges.iter().any(|exchange| exchange.mic == mic),
        _ => true,
    };
    let spellings = spellings(code);
    if let Err(cause) = Symbol::parse(&spellings[0])
        .or_else(|cause| spellings[1..].iter().find_map(|spelling| Symbol::parse(spelling).ok()).ok_or(cause))
    {
        return Err(Rejection::new(RejectionCode::InvalidSymbol, cause.to_string()));
    }
    let get =
        |spelling: &str| Symbol::parse(spelling).ok().and_then(|symbol| catalogue.get(&symbol)).map(|ticker| &**ticker);
    if let Some(exact) = get(code).filter(agrees) {
        return Ok(exact.symbol);
    }
    let suffixes = || exchanges.iter().map(|exchange| exchange.suffix).chain([""]);
    let spelt = spellings.iter().flat_map(|spelling| suffixes().map(move |suffix| format!("{spelling}{suffix}")));
    let mut found: Vec<&Ticker> = spelt.filter_map(|spelling| get(&spelling)).collect();
    found.sort_by_key(|ticker| ticker.symbol);
    found.dedup_by_key(|ticker| ticker.symbol);
    let (meant, elsewhere): (Vec<_>, Vec<_>) = found.into_iter().partition(agrees);
    match (meant.as_slice(), elsewhere.first(), place) {
        ([one], ..) => Ok(one.symbol),
        ([one, other, ..], ..) => {
            let detail = format!("{} or {} may be meant", one.symbol, other.symbol);
            Err(Rejection::new(RejectionCode::UnknownSymbol, detail))
        }
        ([], Some(ticker), Some(place)) => {
            let place: String = place.chars().take(20).collect();
            let listed = ticker.mic.as_deref().unwrap_or_default();
            Err(Rejection::new(
                RejectionCode::WrongExchange,
                format!("{} is listed at {listed}, not {place}", ticker.symbol),
            ))
        }
        _ => Err(Rejection::new(RejectionCode::UnknownSymbol, format!("{code} is not in the catalogue"))),
    }
}

/// A code with each of the separators that the catalogue knows, itself first.
fn spellings(code: &str) -> Vec<String> {
    let mut spellings = vec![code.to_owned()];
    // Nothing longer is a symbol: what a stranger sends is not copied over and over.
    if code.len() <= watchtape_shared::symbol::MAX_LEN && code.contains(SEPARATORS) {
        spellings.extend([code.replace(SEPARATORS, "."), code.replace(SEPARATORS, "-")]);
    }
    spellings
}

/// How TradingView writes an item, as far as [`find`] finds the same again.
pub(super) fn spell(catalogue: &TickerIndex, item: &WatchlistItem) -> String {
    let symbol = item.symbol.as_str();
    let Some(Exchange { suffix, dash, names, .. }) = item.mic.as_deref().and_then(exchange::of_mic) else {
        return symbol.to_owned();
    };
    let name = names[0];
    let code = symbol.strip_suffix(suffix).unwrap_or(symbol).replace('-', dash);
    let written = [format!("{name}:{code}"), format!("{name}:{symbol}")];
    let same = |written: &String| find(catalogue, written) == Ok(item.symbol);
    written.into_iter().find(same).unwrap_or_else(|| symbol.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use std::sync::Arc;

    fn meant(text: &str) -> Result<String, RejectionCode> {
        static CATALOGUE: std::sync::LazyLock<TickerIndex> = std::sync::LazyLock::new(|| {
            TickerIndex::new(catalog::embedded().expect("it parses").into_iter().map(Arc::new).collect())
        });
        find(&CATALOGUE, text).map(|symbol| symbol.to_string()).map_err(|rejection| rejection.code)
    }

    #[test]
    fn a_security_is_found_by_other_spellings_of_its_own() {
        for (text, symbol) in [
            ("aapl", "AAPL"),
            ("NASDAQ:AAPL", "AAPL"),
            ("XNAS:AAPL", "AAPL"),
            ("BRK-B", "BRK.B"),
            ("NYSE:BRK/B", "BRK.B"),
            ("LSE:UU", "UU.L"),
            ("LSE:BT.A", "BT-A.L"),
            ("OMXSTO:VOLV_B", "VOLV-B.ST"),
            ("TSE:7203", "7203.T"),
            ("EURONEXT:TGO", "TGO.PA"),
            ("XETR:8TRA.DE", "8TRA.DE"),
        ] {
            assert_eq!(meant(text), Ok(symbol.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_not_meant_clearly_is_rejected() {
        assert_eq!(meant("NYSE:AAPL"), Err(RejectionCode::WrongExchange));
        assert_eq!(meant("NOWHERE:AAPL"), Err(RejectionCode::WrongExchange));
        assert_eq!(meant("BINANCE:BTCUSDT"), Err(RejectionCode::UnknownSymbol));
        assert_eq!(meant("UU"), Err(RejectionCode::UnknownSymbol));
        for text in ["", "NASDAQ:", ":", "A B", "ÄPPEL", "-", "1234567890123456"] {
            assert_eq!(meant(text), Err(RejectionCode::InvalidSymbol), "{text:?}");
        }
    }
}
