//! The class of a security for which a catalogue names none: by its symbol and name, as most are written.

use watchtape_shared::ticker::SecurityClass;

/// Words of names that only funds at an exchange have.
const OF_ETFS: [&str; 6] = ["etf", "etfs", "etc", "etn", "ucits", "spdr"];
/// Words of names that other funds have.
const OF_FUNDS: [&str; 4] = ["fund", "funds", "sicav", "fonds"];
/// What pairs are quoted in, at the end of the symbol of a cryptocurrency.
const OF_CRYPTO: [&str; 7] = ["-USD", "-EUR", "-GBP", "-JPY", "-CAD", "-KRW", "-BTC"];

/// The likely class.
pub(super) fn by_name(symbol: &str, name: &str) -> SecurityClass {
    let lower = name.to_lowercase();
    let has = |words: &[&str]| lower.split(|char: char| !char.is_alphanumeric()).any(|word| words.contains(&word));
    if OF_CRYPTO.iter().any(|pair| symbol.ends_with(pair)) {
        SecurityClass::Crypto
    } else if has(&OF_ETFS) {
        SecurityClass::Etf
    } else if has(&OF_FUNDS) {
        SecurityClass::Fund
    } else {
        SecurityClass::Equity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn funds_are_told_from_shares() {
        for (symbol, name, class) in [
            ("SPY", "SPDR S&P 500 ETF Trust", SecurityClass::Etf),
            ("VUSA.L", "Vanguard S&P 500 UCITS", SecurityClass::Etf),
            ("BTC-USD", "Bitcoin USD", SecurityClass::Crypto),
            ("USA", "Liberty All-Star Equity Fund", SecurityClass::Fund),
            ("AAPL", "Apple Inc.", SecurityClass::Equity),
            ("BRK.B", "Berkshire Hathaway", SecurityClass::Equity),
        ] {
            assert_eq!(by_name(symbol, name), class, "{symbol}");
        }
    }
}
