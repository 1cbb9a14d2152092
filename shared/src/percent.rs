//! Percentages: fixed-point numbers, in ten-thousandths of a percent, which are millionths of the whole.

use crate::Invalid;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const DECIMALS: usize = 4;
const SCALE: i32 = 10_000;
/// A thousand times.
const MAX_WHOLE: i32 = 100_000;

/// A percentage, in ten-thousandths of a percent; from −100 to 100,000. On the wire a decimal string: `"-2.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "2.5", pattern = "^[-+]?[0-9]{1,6}([.][0-9]{1,4})?$"))]
pub struct Percent(i32);

impl Percent {
    /// So many tenths of a percent.
    pub const fn of_tenths(tenths: i16) -> Self {
        Self(tenths as i32 * 1_000)
    }

    /// From millionths of the whole, if it is within the bounds.
    pub fn from_millionths(millionths: i32) -> Option<Self> {
        (-100 * SCALE..=MAX_WHOLE * SCALE).contains(&millionths).then_some(Self(millionths))
    }

    /// In millionths of the whole.
    pub fn millionths(self) -> i32 {
        self.0
    }

    /// Whether it is nothing.
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Parses plain decimal digits with at most four places, and a sign or none.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const SHAPE: Invalid = Invalid("a percentage is decimal digits with at most four places, such as -2.5");
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => (-1, &text[1..]),
            Some(b'+') => (1, &text[1..]),
            _ => (1, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(SHAPE),
            Some(parts) => parts,
            None => (digits, ""),
        };
        let are_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 6
            || fraction.len() > DECIMALS
            || !are_digits(whole)
            || !are_digits(fraction)
        {
            return Err(SHAPE);
        }
        let units: i64 = whole.parse().map_err(|_| SHAPE)?;
        let places = (0..DECIMALS)
            .fold(0, |sum, place| sum * 10 + fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0')));
        let millionths = i32::try_from(sign * (units * i64::from(SCALE) + places)).ok();
        millionths.and_then(Self::from_millionths).ok_or(Invalid("a percentage is -100 to 100,000"))
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (units, mut fraction) = (magnitude / SCALE as u32, magnitude % SCALE as u32);
        let mut places = DECIMALS;
        while places > 0 && fraction.is_multiple_of(10) {
            fraction /= 10;
            places -= 1;
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        if places == 0 { write!(f, "{sign}{units}") } else { write!(f, "{sign}{units}.{fraction:0places$}") }
    }
}

impl FromStr for Percent {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_percentage_is_read_and_written() {
        for (text, millionths, written) in
            [("5", 50_000, "5"), ("-2.50", -25_000, "-2.5"), ("+0.0001", 1, "0.0001"), ("-100", -1_000_000, "-100")]
        {
            let percent = Percent::parse(text).expect(text);
            assert_eq!((percent.millionths(), percent.to_string().as_str()), (millionths, written));
        }
        for text in ["", "-", "1.", ".5", "1e2", " 1", "1.00001", "-100.0001", "100000.0001", "1000000", "５", "--1"] {
            assert!(Percent::parse(text).is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(millionths in -1_000_000..=1_000_000_000i32) {
            let percent = Percent::from_millionths(millionths).expect("within the bounds");
            prop_assert_eq!(Percent::parse(&percent.to_string()), Ok(percent));
        }
    }
}
