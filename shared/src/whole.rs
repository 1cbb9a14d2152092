//! Whole numbers as JSON Schema defines them: `7.0` is an integer.

use serde::{Deserialize, Deserializer};

/// Reads a whole number from 0 to that of `u32`, or null. Use with `#[serde(default, deserialize_with = "whole::optional")]`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<f64>::deserialize(deserializer)? else { return Ok(None) };
    if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number) {
        return Ok(Some(number as u32));
    }
    Err(serde::de::Error::custom("a position is a whole number from 0 to 4294967295"))
}

/// The same without null: of a patch, where null would take away what cannot be absent.
pub(crate) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    optional(deserializer)?.map(Some).ok_or_else(|| serde::de::Error::custom("a position cannot be null"))
}

#[cfg(test)]
mod tests {
    use crate::watchlist::WatchlistPatch;

    fn position(json: &str) -> Option<Option<u32>> {
        serde_json::from_str::<WatchlistPatch>(&format!("{{\"position\":{json}}}")).ok().map(|patch| patch.position)
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_fraction_of_zeros() {
        for (json, number) in [("0", 0), ("7", 7), ("7.0", 7), ("7e0", 7), ("-0.0", 0), ("4294967295", u32::MAX)] {
            assert_eq!(position(json), Some(Some(number)), "{json}");
        }
        for json in ["null", "-1", "7.5", "4294967296", "1e300", "\"7\"", "true", "[]"] {
            assert_eq!(position(json), None, "{json}");
        }
    }
}
