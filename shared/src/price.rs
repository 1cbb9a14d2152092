//! Prices: fixed-point numbers, in millionths. Floating point is not used.

use crate::Invalid;
use std::fmt::{self, Write};

const SCALE: i64 = 1_000_000;
const DECIMALS: usize = 6;

/// A price above zero, in millionths of its currency's unit. On the wire a decimal string: `"189.23"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "189.23", pattern = "^[0-9]{1,12}([.][0-9]{1,6})?$"))]
pub struct Price(i64);

impl Price {
    /// The largest price that is believed: a million million units.
    pub const MAX: Self = Self(999_999_999_999 * SCALE);

    /// A price of so many millionths, if it is above zero and at most [`Price::MAX`].
    pub fn from_micros(micros: i64) -> Option<Self> {
        (micros > 0 && micros <= Self::MAX.0).then_some(Self(micros))
    }

    /// The price in millionths.
    pub fn micros(self) -> i64 {
        self.0
    }

    /// Parses plain decimal digits with at most six places: no sign, exponent, blank or thousands separator.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const SHAPE: Invalid = Invalid("a price is decimal digits with at most six places, such as 189.23");
        let (whole, fraction) = match text.split_once('.') {
            Some((_, "")) => return Err(SHAPE),
            Some(parts) => parts,
            None => (text, ""),
        };
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || whole.len() > 12 || fraction.len() > DECIMALS || !digits(whole) || !digits(fraction) {
            return Err(SHAPE);
        }
        let units: i64 = whole.parse().map_err(|_| SHAPE)?;
        let mut micros = 0;
        for place in 0..DECIMALS {
            let digit = fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
            micros = micros * 10 + digit;
        }
        Self::from_micros(units * SCALE + micros).ok_or(Invalid("a price is above zero"))
    }

    /// How far this price is from an earlier one, usually the previous close.
    pub fn change_from(self, earlier: Self) -> Change {
        let micros = self.0 - earlier.0;
        // In i128: a difference near the largest price times ten thousand does not fit in 64 bits.
        let scaled = i128::from(micros) * 10_000;
        let base = i128::from(earlier.0);
        let half = if scaled < 0 { -base / 2 } else { base / 2 };
        let basis_points = i64::try_from((scaled + half) / base).unwrap_or(i64::MAX);
        Change { micros, basis_points }
    }
}

/// The difference between two prices, as an amount and as a share of the earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The signed difference in millionths of the currency's unit.
    pub micros: i64,
    /// The signed difference in hundredths of a percent of the earlier price, rounded half away from zero.
    pub basis_points: i64,
}

/// Writes a number of millionths with at least two and at most six places, without trailing zeros past the second.
pub fn write_micros(out: &mut impl Write, micros: i64) -> fmt::Result {
    let magnitude = micros.unsigned_abs();
    let (units, mut fraction) = (magnitude / SCALE as u64, magnitude % SCALE as u64);
    let mut places = DECIMALS;
    while places > 2 && fraction.is_multiple_of(10) {
        fraction /= 10;
        places -= 1;
    }
    if micros < 0 {
        out.write_char('-')?;
    }
    write!(out, "{units}.{fraction:0places$}")
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_micros(f, self.0)
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_micros(f, self.0)
    }
}

impl std::str::FromStr for Price {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl serde::Serialize for Price {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_price_round_trips_through_its_text(micros in 1..=Price::MAX.micros()) {
            let price = Price::from_micros(micros).expect("in range");
            prop_assert_eq!(Price::parse(&price.to_string()), Ok(price));
        }

        #[test]
        fn any_text_parses_or_is_refused_without_a_panic(text in ".{0,30}") {
            let _ = Price::parse(&text);
        }

        #[test]
        fn the_amount_of_a_change_leads_back(a in 1..=Price::MAX.micros(), b in 1..=Price::MAX.micros()) {
            let (from, to) = (Price::from_micros(a).expect("in range"), Price::from_micros(b).expect("in range"));
            let change = to.change_from(from);
            prop_assert_eq!(from.micros() + change.micros, to.micros());
            prop_assert!(change.basis_points.signum() * change.micros.signum() >= 0);
        }
    }

    #[test]
    fn writes_two_to_six_places() {
        for (micros, text) in [(189_230_000, "189.23"), (5_000_000, "5.00"), (1, "0.000001"), (1_234_500, "1.2345")] {
            assert_eq!(Price::from_micros(micros).expect("in range").to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_not_a_price() {
        for text in
            ["", "0", "0.00", "-1", "+1", "1.", ".5", "1e3", "1,000", " 1", "NaN", "1.1234567", "1000000000000", "٣"]
        {
            assert!(Price::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_change_is_an_amount_and_basis_points() {
        let price = |text| Price::parse(text).expect("a price");
        assert_eq!(price("122.21").change_from(price("124.12")), Change { micros: -1_910_000, basis_points: -154 });
        assert_eq!(price("101").change_from(price("100")), Change { micros: 1_000_000, basis_points: 100 });
    }
}
