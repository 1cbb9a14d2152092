//! Alerts as they are typed into the palette: `AAPL > 200`, `alert AAPL < 180`, `AAPL -5%`.
//!
//! ```text
//!   line      = [ word ] symbol comparison
//!   word      = "alert", in any of the app's languages
//!   comparison = ( ">" | ">=" | "<" | "<=" ) number [ "%" ]  |  ( "+" | "-" ) number "%"
//! ```
//!
//! A price is to be crossed: a line that is true already is one that the form says so about.

use crate::format::number_input;
use crate::texts::palette as t;
use watchtape_shared::alert::Condition;
use watchtape_shared::ticker::TickerMatch;
use watchtape_shared::{Percent, Price, Symbol};

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AlertQuery {
    pub(crate) symbol: Symbol,
    pub(crate) condition: Condition,
}

impl AlertQuery {
    /// The same with the catalogue's spelling of its symbol (`BRK.B` for `BRK-B`); a symbol that is not found can have no alert.
    pub(crate) fn of_catalogue(self, found: &[TickerMatch]) -> Option<Self> {
        let is_same = |known: &&TickerMatch| {
            known.ticker.symbol.as_str().replace('.', "-") == self.symbol.as_str().replace('.', "-")
        };
        let known = found.iter().find(is_same)?;
        Some(Self { symbol: known.ticker.symbol, ..self })
    }
}

/// Reads a line; `None` where it asks for something else.
pub(crate) fn read(line: &str) -> Option<AlertQuery> {
    let line = without_word(line.trim());
    let at = line.find(['>', '<', '+', '\u{2212}', '-']).filter(|at| *at > 0)?;
    // A dash within a symbol, as in BRK-B, has no number and percent sign behind it: look for the last one.
    let at = if line[at..].starts_with('-') { line.rfind('-').unwrap_or(at) } else { at };
    let (symbol, comparison) = (line[..at].trim(), &line[at..]);
    let symbol = Symbol::parse(&symbol.to_ascii_uppercase()).ok()?;
    Some(AlertQuery { symbol, condition: condition(comparison)? })
}

fn condition(comparison: &str) -> Option<Condition> {
    let sign = comparison.chars().next()?;
    let rest = comparison[sign.len_utf8()..].trim_start_matches('=').trim();
    let falls = matches!(sign, '<' | '-' | '\u{2212}');
    if let Some(number) = rest.strip_suffix('%') {
        // `> -5%` and `< -5%` both mean a fall by 5 %.
        let (negative, number) = match number.trim().strip_prefix(['-', '\u{2212}']) {
            Some(number) if matches!(sign, '<' | '>') => (true, number),
            Some(_) => return None,
            None => (falls, number.trim()),
        };
        let mut digits = number_input::decimal(number)?;
        if negative {
            digits.insert(0, '-');
        }
        let percent = Percent::parse(&digits).ok().filter(|percent| !percent.is_zero())?;
        return Some(Condition::ChangePercent { percent });
    }
    if !matches!(sign, '<' | '>') {
        return None;
    }
    let price = Price::parse(&number_input::decimal(rest)?).ok()?;
    Some(if falls { Condition::CrossesBelow { price } } else { Condition::CrossesAbove { price } })
}

/// The line without the word for an alert, in English or in the page's language.
fn without_word(line: &str) -> &str {
    for word in ["alert", t::alert_word()] {
        let Some(rest) = line.get(word.len()..) else { continue };
        // A security may be called so as well.
        let is_symbol = rest.trim_start().starts_with(['<', '>', '+', '-', '\u{2212}']);
        if rest.starts_with(' ') && line[..word.len()].eq_ignore_ascii_case(word) && !is_symbol {
            return rest.trim_start();
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[track_caller]
    fn check(line: &str, symbol: &str, json: &str) {
        let read = read(line).unwrap_or_else(|| panic!("{line:?} is an alert"));
        let condition: Condition = serde_json::from_str(json).expect("a condition");
        assert_eq!((read.symbol.as_str(), read.condition), (symbol, condition), "{line:?}");
    }

    #[wasm_bindgen_test]
    fn a_price_is_crossed() {
        let above = r#"{"type":"crosses_above","price":"200"}"#;
        for line in ["AAPL > 200", "alert AAPL > 200", "Alert aapl >200", "aapl>=200.00", " AAPL  >  200 "] {
            check(line, "AAPL", above);
        }
        check("alert AAPL < 1,180.5", "AAPL", r#"{"type":"crosses_below","price":"1180.5"}"#);
        check("7203.T<2500", "7203.T", r#"{"type":"crosses_below","price":"2500"}"#);
        check("ALERT > 3", "ALERT", r#"{"type":"crosses_above","price":"3"}"#);
    }

    #[wasm_bindgen_test]
    fn a_percentage_is_a_change_of_the_day() {
        let falls = r#"{"type":"change_percent","percent":"-5"}"#;
        for line in ["AAPL -5%", "AAPL −5 %", "alert AAPL -5%", "AAPL < -5%", "AAPL < 5%", "AAPL > -5%"] {
            check(line, "AAPL", falls);
        }
        for line in ["AAPL +2.5%", "AAPL > 2.5%", "AAPL > 2,5 %"] {
            check(line, "AAPL", r#"{"type":"change_percent","percent":"2.5"}"#);
        }
        check("BRK-B -5%", "BRK-B", falls);
    }

    #[wasm_bindgen_test]
    fn what_people_search_for_is_no_alert() {
        for line in [
            "",
            "AAPL",
            ">undo",
            "> 200",
            "coca-cola",
            "BRK-B",
            "AAPL -5",
            "AAPL >",
            "AAPL > two",
            "AAPL > 0",
            "AAPL +0%",
            "A B C > 200",
            "AAPL > 200 now",
            "US0378331005",
        ] {
            assert_eq!(read(line), None, "{line:?}");
        }
    }
}
