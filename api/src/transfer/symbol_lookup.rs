//! Conversion between TradingView's `EXCHANGE:SYMBOL` and the catalogue's symbols.

use super::Rejection;
use crate::reference::exchanges::{self, Exchange};
use crate::search::TickerIndex;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;
use watchtape_shared::transfer::RejectionCode;
use watchtape_shared::watchlist::WatchlistItem;

/// Separators of share classes, as different vendors write them. Interactive Brokers writes a blank.
const CLASS_SEPARATORS: [char; 5] = ['.', '-', '_', '/', ' '];
/// Characters of a client's text that an answer repeats.
const MAX_REPEATED_CHARS: usize = 20;

/// Finds the security of a text: a symbol, `EXCHANGE:SYMBOL` or an ISIN. Every way in which a client names a security to be
/// put on a list comes through here.
///
/// The catalogue's own spelling wins; else other separators and the exchange's suffix are tried, and the result must be
/// unique. Rejects with `InvalidSymbol`, `UnknownSymbol` (also if several match) or `WrongExchange`.
pub fn find_symbol(catalogue: &TickerIndex, text: &str) -> Result<Symbol, Rejection> {
    let (prefix, code) = match text.split_once(':') {
        Some((prefix, code)) => (Some(prefix.trim()), code.trim()),
        None => (None, text.trim()),
    };
    let listed_at = prefix.map(exchanges::find_by_name);
    let is_listed = |ticker: &&Ticker| match (&listed_at, &ticker.mic) {
        (None, _) => true,
        (Some(exchanges), Some(mic)) => exchanges.iter().any(|exchange| exchange.mic == &**mic),
        // The catalogue does not know where it is listed, but in which country its symbol says so.
        (Some(exchanges), None) => exchanges.iter().any(|exchange| exchange.has(ticker.symbol)),
    };
    let spellings = spellings(code);
    if !spellings.iter().any(|spelling| Symbol::parse(spelling).is_ok()) {
        return Err(invalid(code));
    }
    let get =
        |spelling: &str| Symbol::parse(spelling).ok().and_then(|symbol| catalogue.get(&symbol)).map(|ticker| &**ticker);
    if let Some(exact) = get(code).filter(is_listed) {
        return Ok(exact.symbol);
    }
    let suffixes = || listed_at.iter().flatten().map(|exchange| exchange.suffix).chain([""]);
    let candidates = spellings.iter().flat_map(|spelling| suffixes().map(move |suffix| format!("{spelling}{suffix}")));
    let mut found: Vec<&Ticker> = candidates.filter_map(|spelling| get(&spelling)).collect();
    if found.is_empty() && prefix.is_none() {
        found.extend(catalogue.with_isin(code).map(|ticker| &**ticker));
    }
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
            Err(wrong_exchange(ticker, prefix, listed_at.unwrap_or_default().is_empty()))
        }
        // A blank separates words too: what has one and is not found was no symbol.
        _ if code.contains(' ') => Err(invalid(code)),
        _ => Err(Rejection::new(RejectionCode::UnknownSymbol, format!("{code} is not in the catalogue"))),
    }
}

/// Finds the security of a symbol that stands beside an exchange and an ISIN, each of which may be blank.
///
/// An exchange that is unknown, or of which the catalogue has nothing, is ignored. So is one of the United States where the symbol is listed at another of them:
/// companies move between those, and what was exported before the move is to be imported after it.
pub(super) fn find_listed(
    catalogue: &TickerIndex,
    symbol: &str,
    exchange: &str,
    isin: &str,
) -> Result<Symbol, Rejection> {
    let exchange = exchange.trim();
    let mut listed_at = if symbol.contains(':') { Vec::new() } else { exchanges::find_by_name(exchange) };
    listed_at.retain(|exchange| catalogue.has_exchange(exchange.mic));
    let found = if listed_at.is_empty() {
        find_symbol(catalogue, symbol)
    } else {
        let is_there = |symbol: &Symbol| listed_at.iter().any(|exchange| exchange.has(*symbol));
        find_symbol(catalogue, &format!("{exchange}:{symbol}"))
            .or_else(|rejection| find_symbol(catalogue, symbol).ok().filter(is_there).ok_or(rejection))
    };
    found.or_else(|rejection| {
        if isin.trim().is_empty() { Err(rejection) } else { find_symbol(catalogue, isin).map_err(|_| rejection) }
    })
}

fn invalid(code: &str) -> Rejection {
    let cause = Symbol::parse(code).err().map(|cause| cause.to_string());
    Rejection::new(RejectionCode::InvalidSymbol, cause.unwrap_or_default())
}

fn wrong_exchange(ticker: &Ticker, prefix: &str, is_unknown: bool) -> Rejection {
    let (symbol, prefix) = (ticker.symbol, prefix.chars().take(MAX_REPEATED_CHARS).collect::<String>());
    let detail = match ticker.mic.as_deref() {
        _ if is_unknown => format!("{prefix} is none of the exchanges here"),
        Some(mic) => format!("{symbol} is listed at {mic}, not {prefix}"),
        None => format!("{symbol} is not listed at {prefix}"),
    };
    Rejection::new(RejectionCode::WrongExchange, detail)
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
    use std::sync::{Arc, LazyLock};

    static CATALOGUE: LazyLock<TickerIndex> =
        LazyLock::new(|| TickerIndex::new(catalog::embedded().expect("it parses").into_iter().map(Arc::new).collect()));

    fn found(text: &str) -> Result<String, RejectionCode> {
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
            (" AAPL ", "AAPL"),
            ("BRK B", "BRK.B"),
            ("TYO:7203", "7203.T"),
            ("US0378331005", "AAPL"),
            ("NASDAQ:WHK", "WHK"),
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
        // Two classes of shares under one number.
        assert_eq!(found("US02079K1079"), Err(RejectionCode::UnknownSymbol));
        for text in ["", "NASDAQ:", ":", "A B", "ÄPPEL", "-", "1234567890123456"] {
            assert_eq!(found(text), Err(RejectionCode::InvalidSymbol), "{text:?}");
        }
    }

    /// The catalogue has some two hundred securities whose exchange it does not know.
    #[test]
    fn no_exchange_of_others_names_a_security_of_ours() {
        for text in ["BINANCE:WHK", "COMEX:DRIL", "FOREXCOM:XXC", "LSE:WHK", "TSE:XXC", ":WHK"] {
            assert_eq!(found(text), Err(RejectionCode::WrongExchange), "{text}");
        }
        for ticker in CATALOGUE.iter() {
            let text = format!("BINANCE:{}", ticker.symbol);
            assert_eq!(found(&text), Err(RejectionCode::WrongExchange), "{text}");
        }
    }

    #[test]
    fn an_exchange_and_an_isin_beside_a_symbol_help_to_find_it() {
        let found = |symbol, exchange, isin| {
            find_listed(&CATALOGUE, symbol, exchange, isin)
                .map(|symbol| symbol.to_string())
                .map_err(|rejection| rejection.code)
        };
        assert_eq!(found("UU", "London", ""), Ok("UU.L".to_owned()));
        assert_eq!(found("UU.L", "XLON", ""), Ok("UU.L".to_owned()));
        assert_eq!(found("AAPL", "Toronto", ""), Ok("AAPL".to_owned()));
        assert_eq!(found("AAPL", "NYSE", ""), Ok("AAPL".to_owned()), "it may have moved");
        assert_eq!(found("AAPL", "London", ""), Err(RejectionCode::WrongExchange));
        assert_eq!(found("NYSE:AAPL", "NASDAQ", ""), Err(RejectionCode::WrongExchange));
        assert_eq!(found("", "", "US0378331005"), Ok("AAPL".to_owned()));
        assert_eq!(found("NOPE", "", "US0378331005"), Ok("AAPL".to_owned()));
        assert_eq!(found("NOPE", "", "n/a"), Err(RejectionCode::UnknownSymbol));
    }
}
