//! What a trade changes, by its conditions: not every print is the last price, or a high or a low.
//!
//! After the consolidated tapes' rules (CTA, "CTS Pillar output specification", and UTP, "UTDF data feed services
//! specification", the tables of sale conditions), with one departure: trades of less than a round lot, which the tapes
//! do not count for the last price, do here, as they are most of the trades of an expensive share. A code without a known
//! meaning changes the last price alone.

use serde_json::value::RawValue;
use std::borrow::Cow;

/// What a trade changes, from most to least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TradeEffect {
    /// The last price, and the day's high and low where it is beyond them.
    LastAndRange,
    /// The last price alone.
    Last,
    /// The volume alone: it is out of sequence, averaged, derived from another price, or settles in another way.
    Volume,
}

/// The effect of a trade with codes of the consolidated tapes. `tape` is A or B (CTA) or C (UTP).
pub fn tape_effect(conditions: Option<&RawValue>, tape: Option<&str>) -> TradeEffect {
    effect(conditions, |code| match code {
        // The same letter for an average price on one tape and for a bunched trade on the other.
        "B" if tape != Some("C") => TradeEffect::Volume,
        "@" | " " | "" | "A" | "B" | "D" | "E" | "F" | "K" | "L" | "O" | "S" | "T" | "X" | "Y" | "1" | "5" | "6" => {
            TradeEffect::LastAndRange
        }
        "C" | "G" | "H" | "M" | "N" | "P" | "Q" | "R" | "U" | "V" | "W" | "Z" | "2" | "3" | "4" | "7" => {
            TradeEffect::Volume
        }
        _ => TradeEffect::Last,
    })
}

/// The effect of a trade with Finnhub's codes (its sheet "Trade conditions").
pub fn finnhub_effect(conditions: Option<&RawValue>) -> TradeEffect {
    effect(conditions, |code| match code {
        "1" | "2" | "4" | "6" | "7" | "8" | "11" | "13" | "14" | "15" | "18" | "19" | "23" | "24" | "28" | "29"
        | "31" | "33" | "34" | "35" | "36" => TradeEffect::LastAndRange,
        "3" | "5" | "9" | "10" | "16" | "17" | "20" | "21" | "22" | "25" | "26" | "27" | "30" | "32" | "37" => {
            TradeEffect::Volume
        }
        _ => TradeEffect::Last,
    })
}

/// The least effect of all codes. A trade without any is a regular one.
fn effect(conditions: Option<&RawValue>, of_code: impl Fn(&str) -> TradeEffect) -> TradeEffect {
    let Some(conditions) = conditions.filter(|raw| raw.get() != "null") else { return TradeEffect::LastAndRange };
    match serde_json::from_str::<Vec<Cow<'_, str>>>(conditions.get()) {
        Ok(codes) => codes.iter().map(|code| of_code(code)).max().unwrap_or(TradeEffect::LastAndRange),
        Err(_) => TradeEffect::Last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn the_code_of_least_effect_decides() {
        let of = |text: &str, tape| tape_effect(Some(&raw(text)), Some(tape));
        for (codes, tape, expected) in [
            ("[]", "C", TradeEffect::LastAndRange),
            ("null", "C", TradeEffect::LastAndRange),
            (r#"["@"]"#, "C", TradeEffect::LastAndRange),
            (r#"["@","F","T"]"#, "C", TradeEffect::LastAndRange),
            (r#"["@","I"]"#, "C", TradeEffect::Last),
            (r#"["@","4","I"]"#, "C", TradeEffect::Volume),
            (r#"["Z"]"#, "A", TradeEffect::Volume),
            (r#"["@","W"]"#, "C", TradeEffect::Volume),
            (r#"["B"]"#, "A", TradeEffect::Volume),
            (r#"["B"]"#, "C", TradeEffect::LastAndRange),
            (r#"["@","~"]"#, "C", TradeEffect::Last),
            ("7", "C", TradeEffect::Last),
        ] {
            assert_eq!(of(codes, tape), expected, "{codes} on {tape}");
        }
        assert_eq!(tape_effect(None, None), TradeEffect::LastAndRange);
    }

    #[test]
    fn finnhubs_codes_are_numbers_in_texts() {
        for (codes, expected) in [
            (r#"["1"]"#, TradeEffect::LastAndRange),
            (r#"["1","8","24"]"#, TradeEffect::LastAndRange),
            (r#"["1","12"]"#, TradeEffect::Last),
            (r#"["30"]"#, TradeEffect::Volume),
            (r#"["1","3"]"#, TradeEffect::Volume),
            (r#"["32"]"#, TradeEffect::Volume),
            (r#"["999"]"#, TradeEffect::Last),
        ] {
            assert_eq!(finnhub_effect(Some(&raw(codes))), expected, "{codes}");
        }
    }
}
