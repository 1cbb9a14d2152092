//! The change since the previous close, as an amount or as a percentage.

use super::money::{MINUS, micros};
use crate::texts::price;
use watchtape_shared::Change;

/// Whether a value rose, fell or stayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trend {
    Up,
    Down,
    Flat,
}

impl Trend {
    /// Of a signed difference.
    pub(crate) fn of(difference: i64) -> Self {
        match difference.signum() {
            1 => Self::Up,
            -1 => Self::Down,
            _ => Self::Flat,
        }
    }

    /// Its CSS class.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Flat => "flat",
        }
    }

    /// An arrow beside the colour, for those who cannot see the colour.
    pub(crate) fn arrow(self) -> &'static str {
        match self {
            Self::Up => "▲",
            Self::Down => "▼",
            Self::Flat => "",
        }
    }

    fn sign(self) -> &'static str {
        match self {
            Self::Up => "+",
            Self::Down => "\u{2212}",
            Self::Flat => "",
        }
    }
}

/// `+1.91`, `−0.50` or `0.00`.
pub(crate) fn amount(change: Change) -> String {
    format!("{}{}", Trend::of(change.micros).sign(), micros(change.micros))
}

/// `+1.54%`, `−0.03%` or `0.00%`. What rounds to nothing keeps its sign.
pub(crate) fn percent(change: Change) -> String {
    // A basis point is a hundredth of a percent: the same digits as ten thousand millionths.
    let digits = micros(change.basis_points.saturating_mul(10_000));
    format!("{}{digits}%", Trend::of(change.micros).sign())
}

/// The change as a sentence, for screen readers.
pub(crate) fn accessible_text(change: Change) -> String {
    let (amount, percent) = (micros(change.micros), percent(change));
    let percent = percent.trim_start_matches(['+', MINUS]);
    match Trend::of(change.micros) {
        Trend::Up => price::up(&amount, &percent),
        Trend::Down => price::down(&amount, &percent),
        Trend::Flat => price::unchanged().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Price;

    fn change(from: &str, to: &str) -> Change {
        Price::parse(to).expect("a price").change_from(Price::parse(from).expect("a price"))
    }

    #[wasm_bindgen_test]
    fn a_rise_and_a_fall_carry_their_signs() {
        let fall = change("124.12", "122.21");
        assert_eq!((amount(fall), percent(fall)), ("−1.91".into(), "−1.54%".into()));
        let rise = change("100", "2350.5");
        assert_eq!((amount(rise), percent(rise)), ("+2,250.50".into(), "+2,250.50%".into()));
        assert_eq!(accessible_text(fall), "down 1.91, 1.54%");
    }

    #[wasm_bindgen_test]
    fn nothing_has_no_sign_and_next_to_nothing_has_one() {
        let none = change("5", "5");
        assert_eq!((amount(none), percent(none)), ("0.00".into(), "0.00%".into()));
        assert_eq!(accessible_text(none), "unchanged");
        let little = change("100000", "99999.99");
        assert_eq!((amount(little), percent(little)), ("−0.01".into(), "−0.00%".into()));
    }
}
