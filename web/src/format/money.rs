//! Prices and amounts as digits with separators.

use super::separators::marks;
use watchtape_shared::Price;
use watchtape_shared::price::write_micros;

/// U+2212: as wide as a plus sign, so that columns of signed figures stay aligned.
pub(crate) const MINUS: char = '\u{2212}';

/// `1,234.50`, with the chosen separators: at least two decimals and as many as the price has.
pub(crate) fn price(price: Price) -> String {
    micros(price.micros())
}

/// The magnitude of an amount in millionths, without its sign.
pub(crate) fn micros(micros: i64) -> String {
    let mut digits = String::new();
    // Writing to a String cannot fail.
    let _ = write_micros(&mut digits, micros.saturating_abs());
    grouped(&digits)
}

/// Digits with an optional decimal point, written with the chosen separators.
pub(crate) fn grouped(digits: &str) -> String {
    let marks = marks();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut out = String::with_capacity(digits.len() + whole.len() / 3);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(marks.group);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push(marks.decimal);
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::separators;
    use crate::format::separators::Separators;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn shown(text: &str) -> String {
        price(Price::parse(text).expect("a price"))
    }

    #[wasm_bindgen_test]
    fn thousands_are_grouped_from_the_point() {
        assert_eq!(shown("9.5"), "9.50");
        assert_eq!(shown("999"), "999.00");
        assert_eq!(shown("1000"), "1,000.00");
        assert_eq!(shown("627400"), "627,400.00");
        assert_eq!(shown("999999999999"), "999,999,999,999.00");
    }

    #[wasm_bindgen_test]
    fn the_marks_are_those_that_were_chosen() {
        for (marks, written) in [(Separators::COMMA, "1.234,50"), (Separators::SPACE, "1\u{202f}234,50")] {
            separators::choose(marks);
            assert_eq!(shown("1234.5"), written);
        }
        separators::choose(Separators::POINT);
    }

    #[wasm_bindgen_test]
    fn no_place_that_the_price_has_is_lost() {
        assert_eq!(shown("0.000001"), "0.000001");
        assert_eq!(shown("1234.5678"), "1,234.5678");
        assert_eq!(shown("1234.567800"), "1,234.5678");
    }
}
