//! Splits: a share becomes several, or several become one, and its price changes by that ratio overnight.

use crate::{Invalid, Price};
use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Splits into whole numbers of shares, and the same the other way round.
const WHOLE: [u32; 29] =
    [2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30, 35, 40, 45, 50, 60, 75, 100, 150, 200, 250, 300, 500];
/// Splits of which shares are left over.
const BROKEN: [(u32, u32); 7] = [(3, 2), (4, 3), (5, 2), (5, 3), (5, 4), (6, 5), (7, 2)];
/// How far a ratio of two prices of the same close may be from that of the split: they may be of different venues.
const TOLERANCE: f64 = 0.01;

/// A split of `old` shares into `new` ones, written as `10:1`; 1 to 1,000,000 each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitRatio {
    new: u32,
    old: u32,
}

impl SplitRatio {
    /// A ratio; `None` where a number is 0 or above a million, or both are the same.
    pub fn new(new: u32, old: u32) -> Option<Self> {
        let is_valid = |number| (1..=1_000_000).contains(&number);
        (is_valid(new) && is_valid(old) && new != old).then_some(Self { new, old })
    }

    /// The split that makes one close out of another of the same session: `before` as it was recorded, `after` as it is given
    /// now. `None` where no usual split does.
    pub fn between(before: Price, after: Price) -> Option<Self> {
        Self::nearest(WHOLE.into_iter().map(|count| (count, 1)).chain(BROKEN), before, after, TOLERANCE)
    }

    /// The split into whole numbers of shares, or of them, that is within this share of what lies between two prices.
    pub fn near(before: Price, after: Price, tolerance: f64) -> Option<Self> {
        Self::nearest(WHOLE.into_iter().map(|count| (count, 1)), before, after, tolerance)
    }

    fn nearest(ratios: impl Iterator<Item = (u32, u32)>, before: Price, after: Price, tolerance: f64) -> Option<Self> {
        let seen = before.micros() as f64 / after.micros() as f64;
        let ratios = ratios.flat_map(|(new, old)| [Self { new, old }, Self { new: old, old: new }]);
        let distance = |ratio: &Self| (seen * f64::from(ratio.old) / f64::from(ratio.new) - 1.0).abs();
        ratios.filter(|ratio| distance(ratio) <= tolerance).min_by(|a, b| distance(a).total_cmp(&distance(b)))
    }

    /// Shares after the split for each [`SplitRatio::old_shares`] before it.
    pub fn new_shares(self) -> u32 {
        self.new
    }

    /// Shares before the split.
    pub fn old_shares(self) -> u32 {
        self.old
    }

    /// A price from before the split as it would be after it, rounded half up to a millionth; at least that.
    #[must_use]
    pub fn adjust_price(self, price: Price) -> Price {
        let (new, old) = (i128::from(self.new), i128::from(self.old));
        let micros = (i128::from(price.micros()) * old * 2 + new) / (new * 2);
        let micros = i64::try_from(micros).unwrap_or(i64::MAX).clamp(1, Price::MAX.micros());
        Price::from_micros(micros).unwrap_or(price)
    }

    /// A number of shares from before the split as it would be after it, rounded down.
    #[must_use]
    pub fn adjust_volume(self, volume: u64) -> u64 {
        u64::try_from(u128::from(volume) * u128::from(self.new) / u128::from(self.old)).unwrap_or(u64::MAX)
    }
}

/// A split of a security.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Split {
    /// The trading day from which prices are those of the new shares.
    #[cfg_attr(feature = "openapi", schema(example = "2026-11-20"))]
    pub day: NaiveDate,
    /// New shares for old ones.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "10:1"))]
    pub ratio: SplitRatio,
}

impl fmt::Display for SplitRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.new, self.old)
    }
}

impl FromStr for SplitRatio {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let read = || {
            let (new, old) = text.split_once(':')?;
            Self::new(new.parse().ok()?, old.parse().ok()?)
        };
        read().ok_or(Invalid("a split is two different numbers such as 10:1"))
    }
}

impl Serialize for SplitRatio {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SplitRatio {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn price(text: &str) -> Price {
        Price::parse(text).expect("a price")
    }

    fn between(before: &str, after: &str) -> Option<String> {
        SplitRatio::between(price(before), price(after)).map(|ratio| ratio.to_string())
    }

    #[test]
    fn the_ratio_of_two_closes_of_a_session_is_that_of_a_usual_split() {
        for (before, after, expected) in [
            ("1208.88", "120.888", Some("10:1")),
            ("1208.88", "121.50", Some("10:1")),
            ("0.52", "26.00", Some("1:50")),
            ("90", "60", Some("3:2")),
            ("100", "80.2", Some("5:4")),
            ("100", "100", None),
            ("100", "97", None),
            ("100", "88", None),
            ("100", "43", None),
        ] {
            assert_eq!(between(before, after).as_deref(), expected, "{before} to {after}");
        }
    }

    #[test]
    fn a_ratio_reads_back_as_what_was_written() {
        let ratio = SplitRatio::new(10, 1).expect("a ratio");
        assert_eq!(serde_json::to_string(&ratio).expect("JSON"), r#""10:1""#);
        assert_eq!(serde_json::from_str::<SplitRatio>(r#""10:1""#).expect("its own output"), ratio);
        for text in ["", "10", "1:1", "0:1", "10:0", "-2:1", "10:1:1", "10 : 1", "2000000:1"] {
            assert!(text.parse::<SplitRatio>().is_err(), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn an_adjusted_price_is_the_prices_share_within_rounding(
            micros in 1..=Price::MAX.micros(), new in 1..200_u32, old in 1..200_u32, volume in any::<u64>(),
        ) {
            prop_assume!(new != old);
            let ratio = SplitRatio::new(new, old).expect("a ratio");
            let before = Price::from_micros(micros).expect("in range");
            let exact = micros as f64 * f64::from(old) / f64::from(new);
            let adjusted = ratio.adjust_price(before).micros() as f64;
            let bounded = exact.clamp(1.0, Price::MAX.micros() as f64);
            prop_assert!((adjusted - bounded).abs() <= 0.51 + bounded * 1e-12, "{adjusted} for {exact}");
            let _ = ratio.adjust_volume(volume);
        }
    }
}
