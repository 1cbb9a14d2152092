//! How long ago a price was made.

const SECOND: i64 = 1000;
/// What is younger is not counted: a figure that flickers between 0 and 2 says less than a word.
const NOW: i64 = 3 * SECOND;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 365 * DAY;

fn parts(age_ms: i64) -> Option<(i64, &'static str, &'static str)> {
    let (unit, short, long) = match age_ms {
        ..NOW => return None,
        NOW..MINUTE => (SECOND, "s", "second"),
        MINUTE..HOUR => (MINUTE, "m", "minute"),
        HOUR..DAY => (HOUR, "h", "hour"),
        DAY..YEAR => (DAY, "d", "day"),
        YEAR.. => (YEAR, "y", "year"),
    };
    Some((age_ms / unit, short, long))
}

/// `now`, `12s`, `4m`, `3h`, `2d` or `13y`. A clock that is behind the source's makes no price older or younger
/// than now.
pub(crate) fn short(age_ms: i64) -> String {
    parts(age_ms).map_or_else(|| "now".into(), |(count, unit, _)| format!("{count}{unit}"))
}

/// `just now`, `1 second ago`, `12 minutes ago`.
pub(crate) fn long(age_ms: i64) -> String {
    parts(age_ms).map_or_else(
        || "just now".into(),
        |(count, _, unit)| format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" }),
    )
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
