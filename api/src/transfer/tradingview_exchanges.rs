//! Exchanges: TradingView's prefixes and separators, and the catalogue's codes and suffixes.

/// An exchange of the catalogue.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Its market identifier code (ISO 10383), as the catalogue has it.
    pub(super) mic: &'static str,
    /// The suffix of the catalogue's symbols there, empty in the United States.
    pub(super) suffix: &'static str,
    /// TradingView's separator of share classes, for the catalogue's `-`.
    pub(super) class_separator: &'static str,
    /// TradingView's prefixes: the first is written, all are read.
    pub(super) names: &'static [&'static str],
}

const fn exchange(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, class_separator: ".", names }
}

const fn nordic(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, class_separator: "_", names }
}

/// `XNYS` is the catalogue's code for all exchanges of the NYSE group.
const EXCHANGES: [Exchange; 15] = [
    exchange("XNAS", "", &["NASDAQ"]),
    exchange("XNYS", "", &["NYSE", "AMEX", "ARCA", "NYSEARCA"]),
    exchange("BATS", "", &["CBOE", "BATS"]),
    exchange("OTCM", "", &["OTC"]),
    exchange("XLON", ".L", &["LSE"]),
    exchange("XETR", ".DE", &["XETR"]),
    exchange("XPAR", ".PA", &["EURONEXT", "EPA"]),
    exchange("XAMS", ".AS", &["EURONEXT", "AMS"]),
    exchange("XBRU", ".BR", &["EURONEXT", "EBR"]),
    exchange("XMAD", ".MC", &["BME"]),
    exchange("XMIL", ".MI", &["MIL"]),
    exchange("XSWX", ".SW", &["SIX"]),
    nordic("XSTO", ".ST", &["OMXSTO"]),
    nordic("XHEL", ".HE", &["OMXHEX"]),
    exchange("XTKS", ".T", &["TSE"]),
];

/// The exchange with a market identifier code.
pub(super) fn find_by_mic(mic: &str) -> Option<&'static Exchange> {
    EXCHANGES.iter().find(|exchange| exchange.mic == mic)
}

/// The exchanges with this prefix of TradingView's (`EURONEXT` has three), or with this market identifier code.
pub(super) fn find_by_name(name: &str) -> Vec<&'static Exchange> {
    let matches = |exchange: &&Exchange| {
        exchange.mic.eq_ignore_ascii_case(name) || exchange.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    EXCHANGES.iter().filter(matches).collect()
}
