//! Conversion between TradingView's `EXCHANGE:SYMBOL` and the catalogue's symbols.

use super::tradingview_exchanges::Exchange;
use super::{Rejection, tradingview_exchanges as exchanges};
use crate::search::TickerIndex;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::WatchlistItem;

/// Separators of share classes, as different vendors write them.
const CLASS_SEPARATORS: [char; 4] = ['.', '-', '_', '/'];

/// Finds the security of a text: a symbol, or `EXCHANGE:SYMBOL`. The catalogue's own spelling wins; else other separators
/// and the exchange's suffix are tried, and the result must be unique.
///
/// Rejects with `InvalidSymbol`, `UnknownSymbol` (also if several match) or `WrongExchange`.
pub fn find_symbol(catalogue: &TickerIndex, text: &str) -> Result<Symbol, Rejection> {
    let (prefix, code) = match text.split_once(':') {
        Some((prefix, code)) => (Some(prefix.trim()), code.trim()),
        None => (None, text.trim()),
    };
    let listed_at = prefix.map(exchanges::find_by_name).unwrap_or_default();
    let is_listed = |ticker: &&Ticker| match (prefix, &ticker.mic) {
        (Some(_), Some(mic)) => listed_at.iter().any(|exchange| exchange.mic == mic),
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
    if let Some(exact) = get(code).filter(is_listed) {
        return Ok(exact.symbol);
    }
    let suffixes = || listed_at.iter().map(|exchange| exchange.suffix).chain([""]);
    let candidates = spellings.iter().flat_map(|spelling| suffixes().map(move |suffix| format!("{spelling}{suffix}")));
    let mut found: Vec<&Ticker> = candidates.filter_map(|spelling| get(&spelling)).collect();
    found.sort_by_key(|ticker| ticker.symbol);
    found.dedup_by_key(|ticker| ticker.symbol);
    let (matching, elsewhere): (Vec<_>, Vec<_>) = found.into_iter().partition(is_listed);
    match (matching.as_slice(), elsewhere.first(), prefix) {
        ([one], ..) => Ok(one.symbol),
        ([one, other, ..], ..) => {
            let detail = format!("{} or {} may be meant", one.symbol, other.symbol);
            Err(Rejection::new(RejectionCode::UnknownSymbol, detail))
        }
        ([], Some(ticker), Some(prefix)) => {
            let prefix: String = prefix.chars().take(20).collect();
            let listed = ticker.mic.as_deref().unwrap_or_default();
            Err(Rejection::new(
                RejectionCode::WrongExchange,
                format!("{} is listed at {listed}, not {prefix}", ticker.symbol),
            ))
        }
        _ => Err(Rejection::new(RejectionCode::UnknownSymbol, format!("{code} is not in the catalogue"))),
    }
}

/// A code as it is, then with each separator that the catalogue uses.
fn spellings(code: &str) -> Vec<String> {
    let mut spellings = vec![code.to_owned()];
    // Longer texts are not symbols: they are not copied.
    if code.len() <= watchtape_shared::symbol::MAX_LEN && code.contains(CLASS_SEPARATORS) {
        spellings.extend([code.replace(CLASS_SEPARATORS, "."), code.replace(CLASS_SEPARATORS, "-")]);
    }
    spellings
}

/// The item's symbol as TradingView writes it, if [`find_symbol`] maps that back to the same security; else the catalogue's
/// symbol.
pub(super) fn to_tradingview(catalogue: &TickerIndex, item: &WatchlistItem) -> String {
    let symbol = item.symbol.as_str();
    let Some(Exchange { suffix, class_separator, names, .. }) = item.mic.as_deref().and_then(exchanges::find_by_mic)
    else {
        return symbol.to_owned();
    };
    let name = names[0];
    let code = symbol.strip_suffix(suffix).unwrap_or(symbol).replace('-', class_separator);
    let candidates = [format!("{name}:{code}"), format!("{name}:{symbol}")];
    let is_same = |text: &String| find_symbol(catalogue, text) == Ok(item.symbol);
    candidates.into_iter().find(is_same).unwrap_or_else(|| symbol.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use std::sync::Arc;

    fn found(text: &str) -> Result<String, RejectionCode> {
        static CATALOGUE: std::sync::LazyLock<TickerIndex> = std::sync::LazyLock::new(|| {
            TickerIndex::new(catalog::embedded().expect("it parses").into_iter().map(Arc::new).collect())
        });
        find_symbol(&CATALOGUE, text).map(|symbol| symbol.to_string()).map_err(|rejection| rejection.code)
    }

    #[test]
    fn a_security_is_found_by_vendors_spellings() {
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
            assert_eq!(found(text), Ok(symbol.to_owned()), "{text}");
        }
    }

    #[test]
    fn an_ambiguous_or_unknown_symbol_is_rejected() {
        assert_eq!(found("NYSE:AAPL"), Err(RejectionCode::WrongExchange));
        assert_eq!(found("NOWHERE:AAPL"), Err(RejectionCode::WrongExchange));
        assert_eq!(found("BINANCE:BTCUSDT"), Err(RejectionCode::UnknownSymbol));
        assert_eq!(found("UU"), Err(RejectionCode::UnknownSymbol));
        for text in ["", "NASDAQ:", ":", "A B", "ÄPPEL", "-", "1234567890123456"] {
            assert_eq!(found(text), Err(RejectionCode::InvalidSymbol), "{text:?}");
        }
    }
}
