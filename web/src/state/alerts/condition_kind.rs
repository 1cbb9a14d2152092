//! The conditions as a form offers them: each with the fields that it has, read from what is typed.

use crate::format::number_input;
use crate::texts::alert_form as t;
use watchtape_shared::alert::{Condition, DAYS, MAX_WINDOW_MINUTES, STALE_MINUTES};
use watchtape_shared::{Percent, Price};

/// A condition, and a direction where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ConditionKind {
    RisesAbove,
    FallsBelow,
    Crosses,
    IsAbove,
    IsBelow,
    Gains,
    Loses,
    RisesWithin,
    FallsWithin,
    Enters,
    Leaves,
    NewHigh,
    NewLow,
    Stale,
}

use ConditionKind as K;

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    /// The level, or the lower bound.
    Price,
    /// The upper bound.
    High,
    Percent,
    Minutes,
    Days,
}

/// What is typed into the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    pub(crate) price: String,
    pub(crate) high: String,
    pub(crate) percent: String,
    pub(crate) minutes: String,
    pub(crate) days: String,
}

impl ConditionKind {
    /// Every kind, in the order in which they are offered.
    pub(crate) const ALL: [Self; 14] = [
        K::RisesAbove,
        K::FallsBelow,
        K::Crosses,
        K::IsAbove,
        K::IsBelow,
        K::Gains,
        K::Loses,
        K::RisesWithin,
        K::FallsWithin,
        K::Enters,
        K::Leaves,
        K::NewHigh,
        K::NewLow,
        K::Stale,
    ];

    /// The kind of a condition.
    pub(crate) fn of(condition: &Condition) -> Self {
        match condition {
            Condition::Crosses { .. } => K::Crosses,
            Condition::CrossesAbove { .. } => K::RisesAbove,
            Condition::CrossesBelow { .. } => K::FallsBelow,
            Condition::Above { .. } => K::IsAbove,
            Condition::Below { .. } => K::IsBelow,
            Condition::ChangePercent { percent } if percent.millionths() < 0 => K::Loses,
            Condition::ChangePercent { .. } => K::Gains,
            Condition::MovesPercent { percent, .. } if percent.millionths() < 0 => K::FallsWithin,
            Condition::MovesPercent { .. } => K::RisesWithin,
            Condition::Enters { .. } => K::Enters,
            Condition::Leaves { .. } => K::Leaves,
            Condition::NewHigh { .. } => K::NewHigh,
            Condition::NewLow { .. } => K::NewLow,
            Condition::Stale { .. } => K::Stale,
        }
    }

    /// The value of its option.
    pub(crate) fn name(self) -> &'static str {
        match self {
            K::RisesAbove => "rises_above",
            K::FallsBelow => "falls_below",
            K::Crosses => "crosses",
            K::IsAbove => "above",
            K::IsBelow => "below",
            K::Gains => "gains",
            K::Loses => "loses",
            K::RisesWithin => "rises_within",
            K::FallsWithin => "falls_within",
            K::Enters => "enters",
            K::Leaves => "leaves",
            K::NewHigh => "new_high",
            K::NewLow => "new_low",
            K::Stale => "stale",
        }
    }

    /// What the option says.
    pub(crate) fn label(self) -> &'static str {
        match self {
            K::RisesAbove => t::rises_above(),
            K::FallsBelow => t::falls_below(),
            K::Crosses => t::crosses(),
            K::IsAbove => t::is_above(),
            K::IsBelow => t::is_below(),
            K::Gains => t::gains(),
            K::Loses => t::loses(),
            K::RisesWithin => t::rises_within(),
            K::FallsWithin => t::falls_within(),
            K::Enters => t::enters(),
            K::Leaves => t::leaves(),
            K::NewHigh => t::new_high(),
            K::NewLow => t::new_low(),
            K::Stale => t::stale(),
        }
    }

    /// Its fields, in order.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            K::RisesAbove | K::FallsBelow | K::Crosses | K::IsAbove | K::IsBelow => &[Field::Price],
            K::Gains | K::Loses => &[Field::Percent],
            K::RisesWithin | K::FallsWithin => &[Field::Percent, Field::Minutes],
            K::Enters | K::Leaves => &[Field::Price, Field::High],
            K::NewHigh | K::NewLow => &[Field::Days],
            K::Stale => &[Field::Minutes],
        }
    }

    /// The condition that is typed, or the field that is wrong, with the rule.
    pub(crate) fn read(self, typed: &Typed) -> Result<Condition, (Field, &'static str)> {
        let price = || price_of(&typed.price).ok_or((Field::Price, t::price_rule()));
        let high = || price_of(&typed.high).ok_or((Field::High, t::price_rule()));
        // The option says which way; a sign that is typed all the same is not counted twice.
        let percent = |falls: bool| percent_of(&typed.percent, falls).ok_or((Field::Percent, t::percent_rule()));
        let minutes = |most: u16| whole(&typed.minutes, 1, most).ok_or((Field::Minutes, t::minutes_rule()));
        let days = || whole(&typed.days, *DAYS.start(), *DAYS.end()).ok_or((Field::Days, t::days_rule()));
        let channel = || {
            let (low, high) = (price()?, high()?);
            if low < high { Ok((low, high)) } else { Err((Field::High, t::high_rule())) }
        };
        Ok(match self {
            K::RisesAbove => Condition::CrossesAbove { price: price()? },
            K::FallsBelow => Condition::CrossesBelow { price: price()? },
            K::Crosses => Condition::Crosses { price: price()? },
            K::IsAbove => Condition::Above { price: price()? },
            K::IsBelow => Condition::Below { price: price()? },
            K::Gains | K::Loses => Condition::ChangePercent { percent: percent(self == K::Loses)? },
            K::RisesWithin | K::FallsWithin => Condition::MovesPercent {
                percent: percent(self == K::FallsWithin)?,
                within_minutes: minutes(MAX_WINDOW_MINUTES)?,
            },
            K::Enters => channel().map(|(low, high)| Condition::Enters { low, high })?,
            K::Leaves => channel().map(|(low, high)| Condition::Leaves { low, high })?,
            K::NewHigh => Condition::NewHigh { days: days()? },
            K::NewLow => Condition::NewLow { days: days()? },
            K::Stale => Condition::Stale { minutes: minutes(*STALE_MINUTES.end())? },
        })
    }
}

fn price_of(typed: &str) -> Option<Price> {
    Price::parse(&number_input::decimal(typed)?).ok()
}

fn percent_of(typed: &str, falls: bool) -> Option<Percent> {
    let typed = typed.trim().trim_end_matches('%').trim_start_matches(['+', '-', '\u{2212}']);
    let mut digits = number_input::decimal(typed)?;
    if falls {
        digits.insert(0, '-');
    }
    Percent::parse(&digits).ok().filter(|percent| !percent.is_zero())
}

fn whole(typed: &str, least: u16, most: u16) -> Option<u16> {
    number_input::decimal(typed)?.parse().ok().filter(|number| (least..=most).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn typed() -> Typed {
        let text = str::to_owned;
        Typed { price: text("180.5"), high: text("190"), percent: text("5"), minutes: text("15"), days: text("20") }
    }

    #[wasm_bindgen_test]
    fn what_is_typed_is_a_condition_of_its_kind() {
        for kind in ConditionKind::ALL {
            let condition = kind.read(&typed()).expect("a condition");
            assert!(condition.check().is_ok(), "{condition:?}");
            assert_eq!(ConditionKind::of(&condition), kind);
        }
    }

    #[wasm_bindgen_test]
    fn the_option_says_the_direction() {
        let percent = Percent::parse("-5").expect("a percentage");
        for text in ["5", "-5", "5 %", "−5"] {
            let typed = Typed { percent: text.into(), ..typed() };
            assert_eq!(K::Loses.read(&typed), Ok(Condition::ChangePercent { percent }), "{text}");
        }
    }

    #[wasm_bindgen_test]
    fn what_is_wrong_is_told_at_its_field() {
        let wrong = |kind: K, typed: &Typed| kind.read(typed).map_err(|(field, _)| field);
        for price in ["", "0", "-1", "two", "1.0000001"] {
            let typed = Typed { price: price.into(), ..typed() };
            assert_eq!(wrong(K::RisesAbove, &typed), Err(Field::Price), "{price:?}");
        }
        assert_eq!(wrong(K::Enters, &Typed { high: "180".into(), ..typed() }), Err(Field::High));
        assert_eq!(wrong(K::Gains, &Typed { percent: "0".into(), ..typed() }), Err(Field::Percent));
        assert_eq!(wrong(K::RisesWithin, &Typed { minutes: "1441".into(), ..typed() }), Err(Field::Minutes));
        assert_eq!(wrong(K::NewHigh, &Typed { days: "4".into(), ..typed() }), Err(Field::Days));
        assert_eq!(wrong(K::Stale, &Typed { minutes: "1.5".into(), ..typed() }), Err(Field::Minutes));
    }
}
