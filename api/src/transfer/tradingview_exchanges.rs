//! Exchanges as TradingView names them, and how the catalogue spells what is listed there.

/// An exchange of the catalogue.
#[derive(Debug)]
pub(super) struct Exchange {
    /// Its market identifier code (ISO 10383), as the catalogue has it.
    pub(super) mic: &'static str,
    /// What the catalogue's symbols end in there.
    pub(super) suffix: &'static str,
    /// What stands in TradingView's symbols for the catalogue's `-`.
    pub(super) dash: &'static str,
    /// TradingView's names: the first is written, all are read.
    pub(super) names: &'static [&'static str],
}

const fn exchange(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, dash: ".", names }
}

const fn nordic(mic: &'static str, suffix: &'static str, names: &'static [&'static str]) -> Exchange {
    Exchange { mic, suffix, dash: "_", names }
}

/// The catalogue has one code for New York and what belongs to it.
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

/// The exchange of a market identifier code.
pub(super) fn of_mic(mic: &str) -> Option<&'static Exchange> {
    EXCHANGES.iter().find(|exchange| exchange.mic == mic)
}

/// The exchanges that a name may mean: TradingView's, or a market identifier code.
pub(super) fn named(name: &str) -> Vec<&'static Exchange> {
    let means = |exchange: &&Exchange| {
        exchange.mic.eq_ignore_ascii_case(name) || exchange.names.iter().any(|known| known.eq_ignore_ascii_case(name))
    };
    EXCHANGES.iter().filter(means).collect()
}
