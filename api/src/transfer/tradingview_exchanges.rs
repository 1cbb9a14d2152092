//! Exchanges: TradingView's prefixes and separators, other products' names, and the catalogue's codes and suffixes.

use watchtape_shared::Symbol;

/// An exchange of the catalogue.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Its market identifier code (ISO 10383), as the catalogue has it.
    pub(super) mic: &'static str,
    /// The suffix of the catalogue's symbols there, empty in the United States.
    pub(super) suffix: &'static str,
    /// TradingView's separator of share classes, for the catalogue's `-`.
    pub(super) class_separator: &'static str,
    /// TradingView's prefixes, of which the first is written, then the prefixes and names of Google Finance, Yahoo Finance and
    /// Investing.com. All are read.
    pub(super) names: &'static [&'static str],
}

impl Exchange {
    /// Whether a symbol of the catalogue may be of a security there, by its suffix.
    pub(super) fn has(&self, symbol: Symbol) -> bool {
        let has_suffix = |suffix: &str| !suffix.is_empty() && symbol.as_str().ends_with(suffix);
        if self.suffix.is_empty() {
            !EXCHANGES.iter().any(|known| has_suffix(known.suffix))
        } else {
            has_suffix(self.suffix)
        }
    }
}

const fn exchange(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, class_separator: ".", names }
}

const fn nordic(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, class_separator: "_", names }
}

/// `XNYS` is the catalogue's code for all exchanges of the NYSE group.
const EXCHANGES: [Exchange; 15] = [
    exchange("XNAS", "", &["NASDAQ", "NasdaqGS", "NasdaqGM", "NasdaqCM"]),
    exchange("XNYS", "", &["NYSE", "AMEX", "ARCA", "NYSEARCA", "NYSEAMERICAN", "NYSE American", "NYSE Arca"]),
    exchange("BATS", "", &["CBOE", "BATS"]),
    exchange("OTCM", "", &["OTC", "OTCMKTS"]),
    exchange("XLON", ".L", &["LSE", "LON", "London"]),
    exchange("XETR", ".DE", &["XETR", "ETR", "Xetra"]),
    exchange("XPAR", ".PA", &["EURONEXT", "EPA", "Paris"]),
    exchange("XAMS", ".AS", &["EURONEXT", "AMS", "Amsterdam"]),
    exchange("XBRU", ".BR", &["EURONEXT", "EBR", "Brussels"]),
    exchange("XMAD", ".MC", &["BME", "Madrid"]),
    exchange("XMIL", ".MI", &["MIL", "BIT", "Milan"]),
    exchange("XSWX", ".SW", &["SIX", "SWX", "Switzerland"]),
    nordic("XSTO", ".ST", &["OMXSTO", "STO", "Stockholm"]),
    nordic("XHEL", ".HE", &["OMXHEX", "HEL", "Helsinki"]),
    exchange("XTKS", ".T", &["TSE", "TYO", "Tokyo"]),
];

/// The exchange with a market identifier code.
pub(super) fn find_by_mic(mic: &str) -> Option<&'static Exchange> {
    EXCHANGES.iter().find(|exchange| exchange.mic == mic)
}

/// The exchanges with this name (`EURONEXT` has three), or with this market identifier code.
pub(super) fn find_by_name(name: &str) -> Vec<&'static Exchange> {
    let matches = |exchange: &&Exchange| {
        exchange.mic.eq_ignore_ascii_case(name) || exchange.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    EXCHANGES.iter().filter(matches).collect()
}
