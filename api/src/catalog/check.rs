//! What is wrong in a catalogue: symbols that come twice, ISINs that cannot be, codes that nobody has assigned, and countries that
//! contradict the ISIN.

use crate::reference::{countries, exchanges};
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// Currencies of the market's own: hundredths of the pound, the shekel and the rand.
const MINOR_UNITS: [&str; 3] = ["GBX", "ILA", "ZAC"];

/// Something that is wrong with a security.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which one.
    pub symbol: Symbol,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.symbol, self.what)
    }
}

/// Everything that is wrong, in the order of the catalogue.
pub fn check(tickers: &[Ticker]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut by_isin: HashMap<&str, &Ticker> = HashMap::new();
    for ticker in tickers {
        let mut found = |what: String| findings.push(Finding { symbol: ticker.symbol, what });
        if let Some(isin) = ticker.isin.as_deref() {
            let first = *by_isin.entry(isin).or_insert(ticker);
            match isin::ISIN::from_str(isin) {
                Err(_) => found(format!("ISIN {isin} is impossible (ISO 6166)")),
                Ok(_) if !countries::is_isin_prefix(&isin[..2]) => found(format!("ISIN {isin} is of no country")),
                Ok(_)
                    if first.name.chars().next() != ticker.name.chars().next()
                        && !share_a_word(&first.name, &ticker.name) =>
                {
                    found(format!(
                        "ISIN {isin} is that of {} ({}) too, which is another company",
                        first.symbol, first.name
                    ));
                }
                Ok(_) => {}
            }
        }
        if let Some(mic) = ticker.mic.as_deref()
            && exchanges::find_by_mic(mic).is_none()
        {
            found(format!("MIC {mic} is not known here (ISO 10383)"));
        }
        let currency = ticker.currency.as_str();
        if iso_currency::Currency::from_code(currency).is_none() && !MINOR_UNITS.contains(&currency) {
            found(format!("currency {currency} is not known (ISO 4217)"));
        }
        match ticker.country.as_deref().map(|country| (country, countries::code_of(country))) {
            Some((country, None)) => found(format!("country {country:?} is not known (ISO 3166-1)")),
            Some((country, Some(code))) => {
                let of_isin = ticker.isin.as_deref().and_then(|isin| isin.get(..2));
                if of_isin.is_some_and(|of_isin| contradicts(of_isin, code)) {
                    found(format!(
                        "country {country} contradicts the ISIN, which is of {}",
                        of_isin.unwrap_or_default()
                    ));
                }
            }
            None => {}
        }
    }
    findings
}

/// Whether two names have a word of four letters or more in common.
fn share_a_word(one: &str, other: &str) -> bool {
    let words = |text: &str| -> Vec<String> {
        let words = text.split(|char: char| !char.is_alphanumeric()).filter(|word| word.len() > 3);
        words.map(str::to_lowercase).collect()
    };
    let known = words(other);
    words(one).iter().any(|word| known.contains(word))
}

/// Countries whose companies are often registered in another one, which the ISIN then names.
const OF_REGISTRATION: [&str; 20] = [
    "AN", "BM", "BS", "CH", "CW", "CY", "GB", "GG", "IE", "IM", "JE", "KY", "LR", "LU", "MH", "NL", "PA", "SG", "US",
    "VG",
];

/// Whether an ISIN's prefix and a country cannot both be right. A receipt has the ISIN of where it is traded, and holdings that of where
/// they are registered.
fn contradicts(of_isin: &str, country: &str) -> bool {
    of_isin != country && !OF_REGISTRATION.contains(&of_isin) && !of_isin.starts_with('X')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{embedded, parse};

    #[test]
    fn each_kind_of_fault_is_found() {
        let head = "symbol,name,mic,currency,country,isin,sector,indices,rank";
        for (line, what) in [
            ("A,Apple,XNAS,USD,United States,US0378331006,,,1", "ISIN US0378331006 is impossible (ISO 6166)"),
            ("A,Apple,XXXX,USD,,,,,1", "MIC XXXX is not known here (ISO 10383)"),
            ("A,Apple,XNAS,XQQ,,,,,1", "currency XQQ is not known (ISO 4217)"),
            ("A,Apple,XNAS,USD,Atlantis,,,,1", "country \"Atlantis\" is not known (ISO 3166-1)"),
            (
                "A,Telekom,XETR,EUR,Russian Federation,DE0005557508,,,1",
                "country Russian Federation contradicts the ISIN, which is of DE",
            ),
            (
                "A,Alstom,XPAR,EUR,France,FR0010220475,,,1\nB,GE Aerospace,XNYS,USD,,FR0010220475,,,2",
                "ISIN FR0010220475 is that of A (Alstom) too, which is another company",
            ),
        ] {
            let tickers = parse("f.csv", format!("{head}\n{line}\n").as_bytes()).expect("it parses");
            assert_eq!(check(&tickers).iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), [what]);
        }
    }

    #[test]
    fn nothing_is_wrong_in_the_embedded_catalogue() {
        let findings: Vec<String> = check(&embedded().expect("it parses")).iter().map(Finding::to_string).collect();
        assert_eq!(findings, [""; 0]);
    }
}
