//! The position of a price between the session's low and high.

use watchtape_shared::{Price, Quote};

/// The session's range and the price's position in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) low: Price,
    pub(crate) high: Price,
    /// From 0 at the low to 1000 at the high.
    pub(crate) permille: u16,
}

impl Span {
    /// None where the range or the price is unknown.
    pub(crate) fn of(quote: &Quote) -> Option<Self> {
        let (low, high, price) = (quote.low?, quote.high?, quote.price?);
        Some(Self { low, high, permille: permille(low, high, price) })
    }
}

fn permille(low: Price, high: Price, price: Price) -> u16 {
    let width = i128::from(high.micros()) - i128::from(low.micros());
    if width <= 0 {
        return 500;
    }
    let place = (i128::from(price.micros()) - i128::from(low.micros())) * 1000 / width;
    u16::try_from(place.clamp(0, 1000)).unwrap_or(500)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn place(low: &str, high: &str, price: &str) -> u16 {
        let parse = |text| Price::parse(text).expect("a price");
        permille(parse(low), parse(high), parse(price))
    }

    #[wasm_bindgen_test]
    fn the_ends_and_the_middle() {
        assert_eq!(place("10", "20", "10"), 0);
        assert_eq!(place("10", "20", "15"), 500);
        assert_eq!(place("10", "20", "20"), 1000);
        assert_eq!(place("0.000001", "999999999999", "999999999999"), 1000);
    }

    #[wasm_bindgen_test]
    fn what_is_outside_stays_on_the_bar_and_no_range_is_its_middle() {
        assert_eq!(place("10", "20", "25"), 1000);
        assert_eq!(place("10", "20", "5"), 0);
        assert_eq!(place("10", "10", "10"), 500);
    }
}
