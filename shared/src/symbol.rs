//! The ticker symbol of a security, as the catalogue spells it.

use crate::{Invalid, serde_as_str};
use std::fmt;

/// The most characters a symbol may have.
pub const MAX_LEN: usize = 15;

/// A ticker symbol: 1 to 15 of `A`–`Z`, `0`–`9`, `.` and `-`, beginning with a letter or digit. Lower case is
/// folded on the way in. Held inline, so that it is copied and compared like a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String, example = "AAPL", pattern = "^[A-Za-z0-9][A-Za-z0-9.-]{0,14}$"))]
pub struct Symbol(
    // Zeros behind the text, then its length: the derived order is the order of the texts.
    [u8; MAX_LEN + 1],
);

impl Symbol {
    /// Parses a symbol, folding it to upper case.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let source = text.as_bytes();
        if source.is_empty() || source.len() > MAX_LEN {
            return Err(Invalid("a symbol has 1 to 15 characters"));
        }
        if !source[0].is_ascii_alphanumeric() {
            return Err(Invalid("a symbol begins with a letter or a digit"));
        }
        let mut bytes = [0; MAX_LEN + 1];
        for (slot, byte) in bytes.iter_mut().zip(source) {
            if !(byte.is_ascii_alphanumeric() || *byte == b'.' || *byte == b'-') {
                return Err(Invalid("a symbol has only letters, digits, '.' and '-'"));
            }
            *slot = byte.to_ascii_uppercase();
        }
        bytes[MAX_LEN] = source.len() as u8;
        Ok(Self(bytes))
    }

    /// The symbol as text, in upper case.
    pub fn as_str(&self) -> &str {
        let len = usize::from(self.0[MAX_LEN]);
        std::str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

serde_as_str!(Symbol);

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_valid_symbol_round_trips_in_upper_case(text in "[A-Za-z0-9][A-Za-z0-9.-]{0,14}") {
            let symbol = Symbol::parse(&text).expect("valid by construction");
            prop_assert_eq!(symbol.as_str(), text.to_uppercase());
            prop_assert_eq!(Symbol::parse(symbol.as_str()), Ok(symbol));
            let json = serde_json::to_string(&symbol).expect("a string");
            prop_assert_eq!(serde_json::from_str::<Symbol>(&json).expect("its own output"), symbol);
        }

        #[test]
        fn any_text_parses_or_is_refused_without_a_panic(text in ".{0,40}") {
            if let Ok(symbol) = Symbol::parse(&text) {
                prop_assert!(symbol.as_str().eq_ignore_ascii_case(&text));
            }
        }

        #[test]
        fn symbols_order_as_their_texts(a in "[A-Z][A-Z0-9.-]{0,14}", b in "[A-Z][A-Z0-9.-]{0,14}") {
            let (left, right) = (Symbol::parse(&a).expect("valid"), Symbol::parse(&b).expect("valid"));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }
    }

    #[test]
    fn refuses_what_is_not_a_symbol() {
        for text in ["", " ", "A B", "AAPL ", ".A", "-A", "ÅÄÖ", "AAPL\n", "ABCDEFGHIJKLMNOP", "A/B", "A\u{0}"] {
            assert!(Symbol::parse(text).is_err(), "{text:?}");
        }
    }
}
