//! The age of a price.

use crate::texts::price;
use std::fmt::Display;

const SECOND: i64 = 1000;
/// Below this the age is "now": a number that flickers between 0 and 2 is of no use.
const NOW: i64 = 3 * SECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

/// A unit of time with its texts.
struct Unit {
    length_ms: i64,
    short: fn(&dyn Display) -> String,
    one: fn() -> &'static str,
    many: fn(&dyn Display) -> String,
}

fn parts(age_ms: i64) -> Option<(i64, Unit)> {
    let unit = match age_ms {
        ..NOW => return None,
        NOW..MINUTE => {
            Unit { length_ms: SECOND, short: price::second, one: price::second_ago, many: price::seconds_ago }
        }
        MINUTE..HOUR => {
            Unit { length_ms: MINUTE, short: price::minute, one: price::minute_ago, many: price::minutes_ago }
        }
        HOUR..DAY => Unit { length_ms: HOUR, short: price::hour, one: price::hour_ago, many: price::hours_ago },
        DAY..YEAR => Unit { length_ms: DAY, short: price::day, one: price::day_ago, many: price::days_ago },
        YEAR.. => Unit { length_ms: YEAR, short: price::year, one: price::year_ago, many: price::years_ago },
    };
    Some((age_ms / unit.length_ms, unit))
}

/// `now`, `12s`, `4m`, `3h`, `2d` or `13y`. A clock that is behind the source's makes no price older or younger
/// than now.
pub(crate) fn short(age_ms: i64) -> String {
    parts(age_ms).map_or_else(|| price::now().into(), |(count, unit)| (unit.short)(&count))
}

/// `just now`, `1 second ago`, `12 minutes ago`.
pub(crate) fn long(age_ms: i64) -> String {
    let Some((count, unit)) = parts(age_ms) else { return price::just_now().into() };
    if count == 1 { (unit.one)().into() } else { (unit.many)(&count) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_age_is_told_in_its_largest_whole_unit() {
        let table = [
            (-5 * SECOND, "now"),
            (2_999, "now"),
            (3_000, "3s"),
            (MINUTE - 1, "59s"),
            (MINUTE, "1m"),
            (HOUR - 1, "59m"),
            (HOUR, "1h"),
            (DAY - 1, "23h"),
            (DAY, "1d"),
            (YEAR - 1, "364d"),
            (13 * YEAR, "13y"),
        ];
        for (age_ms, text) in table {
            assert_eq!(short(age_ms), text, "{age_ms}");
        }
    }

    #[wasm_bindgen_test]
    fn in_words_one_is_singular() {
        assert_eq!(long(0), "just now");
        assert_eq!(long(HOUR), "1 hour ago");
        assert_eq!(long(2 * MINUTE), "2 minutes ago");
    }
}
