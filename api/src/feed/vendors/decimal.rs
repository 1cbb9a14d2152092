//! Exact numbers from a vendor's JSON: parsed from the decimal text, without floating point.

use serde_json::value::RawValue;
use watchtape_shared::Price;

const PRICE_DECIMALS: i32 = 6;
/// The digits of the largest [`Price`] in millionths; 18 digits fit into 64 bits.
const MAX_DIGITS: i32 = 18;

/// A JSON value that is no non-negative number of at most 18 digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a usable number")]
pub struct InvalidNumber;

/// A price, rounded half up to millionths. `None` where the value is missing, null or zero.
pub fn price(raw: Option<&RawValue>) -> Result<Option<Price>, InvalidNumber> {
    let Some(micros) = scaled(raw, PRICE_DECIMALS)? else { return Ok(None) };
    match i64::try_from(micros).map_err(|_| InvalidNumber)? {
        0 => Ok(None),
        micros => Price::from_micros(micros).map(Some).ok_or(InvalidNumber),
    }
}

/// An optional price: `None` also where it is invalid.
pub fn optional_price(raw: Option<&RawValue>) -> Option<Price> {
    price(raw).ok().flatten()
}

/// A count or a timestamp, rounded half up to an integer. `None` where it is missing or invalid.
pub fn integer(raw: Option<&RawValue>) -> Option<u64> {
    scaled(raw, 0).ok().flatten()
}

fn scaled(raw: Option<&RawValue>, decimals: i32) -> Result<Option<u64>, InvalidNumber> {
    match raw.map(RawValue::get) {
        None | Some("null") => Ok(None),
        Some(text) => scale(text, decimals).map(Some).ok_or(InvalidNumber),
    }
}

/// A decimal number without a sign times 10^`decimals`, rounded half up.
fn scale(text: &str, decimals: i32) -> Option<u64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if integer.is_empty() || !integer.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = integer.bytes().chain(fraction.bytes()).map(|byte| u64::from(byte - b'0'));
    let zeros = digits.clone().take_while(|digit| *digit == 0).count();
    let mut digits = digits.skip(zeros).peekable();
    if digits.peek().is_none() {
        return Some(0);
    }
    // The digits of the result before its decimal point, without leading zeros.
    let before = i32::try_from(integer.len()).ok()? - i32::try_from(zeros).ok()?;
    let count = before.checked_add(exponent)?.checked_add(decimals)?;
    match count {
        ..0 => Some(0),
        // Also bounds the loop below, whatever the exponent.
        count if count > MAX_DIGITS => None,
        count => {
            let value = (0..count).fold(0, |value, _| value * 10 + digits.next().unwrap_or(0));
            Some(value + u64::from(digits.next().is_some_and(|digit| digit >= 5)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Option<Price>, InvalidNumber> {
        let raw: Box<RawValue> = serde_json::from_str(text).expect("JSON");
        price(Some(&raw))
    }

    proptest! {
        #[test]
        fn every_price_round_trips(micros in 1..=Price::MAX.micros()) {
            let price = Price::from_micros(micros).expect("in range");
            prop_assert_eq!(read(&price.to_string()), Ok(Some(price)));
            prop_assert_eq!(read(&format!("{micros}e-6")), Ok(Some(price)));
            let half = format!("{micros}5e-7");
            prop_assert_eq!(read(&half), Price::from_micros(micros + 1).map(Some).ok_or(InvalidNumber));
        }

        #[test]
        fn no_number_panics(
            text in "-?(0|[1-9][0-9]{0,40})([.][0-9]{1,40})?([eE][+-]?[0-9]{1,12})?",
        ) {
            let _ = read(&text);
        }

        #[test]
        fn a_printed_float_is_read_within_rounding(value in 0.01_f64..1_000_000.0) {
            let price = read(&value.to_string()).expect("a number").expect("above zero");
            prop_assert!((price.micros() as f64 / 1e6 - value).abs() <= 0.000_000_6);
        }
    }

    #[test]
    fn rounds_half_up_to_millionths_and_takes_an_exponent() {
        for (text, expected) in [
            ("122.21", "122.21"),
            ("310", "310.00"),
            ("122.21000000000001", "122.21"),
            ("0.0000005", "0.000001"),
            ("1.2345674999", "1.234567"),
            ("1.2345675", "1.234568"),
            ("1.2221e2", "122.21"),
            ("12221E-2", "122.21"),
            ("0.00012e+6", "120.00"),
            ("99.9999999", "100.00"),
        ] {
            let price = read(text).expect("a number").expect("above zero");
            assert_eq!(price.to_string(), expected, "{text}");
        }
    }

    #[test]
    fn missing_and_zero_are_none_and_anything_else_is_invalid() {
        for text in ["null", "0", "0.0", "0e999999999", "0.0000004", "1e-999999999"] {
            assert_eq!(read(text), Ok(None), "{text}");
        }
        assert_eq!(price(None), Ok(None));
        for text in
            ["-1", "-0.0", "1e12", "1e2147483647", "1e99999999999", "\"122.21\"", "\"NaN\"", "true", "{}", "[1]"]
        {
            assert_eq!(read(text), Err(InvalidNumber), "{text}");
        }
        assert!(serde_json::from_str::<Box<RawValue>>("NaN").is_err());
    }

    #[test]
    fn a_count_is_an_integer() {
        let count = |text: &str| integer(Some(&*RawValue::from_string(text.to_owned()).expect("JSON")));
        assert_eq!(count("1718000000123"), Some(1_718_000_000_123));
        assert_eq!(count("1.5e3"), Some(1500));
        assert_eq!(count("0"), Some(0));
        assert_eq!([count("-3"), count("null"), count("\"7\"")], [None; 3]);
    }
}
