//! The texts that people write: each a newtype whose value has been trimmed and measured.

use crate::{Invalid, serde_as_str};
use std::fmt;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $range:expr, $lines:expr, $invalid:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = $example))]
        pub struct $name(Box<str>);

        impl $name {
            /// Trims and measures the text; control characters are refused.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                let text = text.trim();
                let control = text.chars().any(|c| c.is_control() && !($lines && matches!(c, '\n' | '\t')));
                if control || !$range.contains(&text.chars().count()) {
                    return Err(Invalid($invalid));
                }
                Ok(Self(text.into()))
            }

            /// The text, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        serde_as_str!($name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

text!(
    /// The name of a watchlist, 1 to 64 characters.
    ListName, (1..=64), false, "a list's name has 1 to 64 characters", "Tech I follow"
);
text!(
    /// The heading that an item stands under, 1 to 64 characters.
    Section, (1..=64), false, "a section has 1 to 64 characters", "Semiconductors"
);
text!(
    /// What a person notes beside an item, 1 to 2,000 characters; lines and tabs may be in it.
    Note, (1..=2000), true, "a note has 1 to 2,000 characters", "Earnings on 19 November"
);
text!(
    /// How a person wants to be called, 1 to 64 characters.
    DisplayName, (1..=64), false, "a display name has 1 to 64 characters", "Ada"
);
text!(
    /// What an API key is for, 1 to 64 characters.
    KeyName, (1..=64), false, "a key's name has 1 to 64 characters", "Spreadsheet at home"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_measured_in_characters() {
        assert_eq!(ListName::parse("  Tech  ").expect("a name").as_str(), "Tech");
        assert!(ListName::parse(&"é".repeat(64)).is_ok());
        for text in ["", "   ", "a\u{0}b", "a\nb"] {
            assert!(ListName::parse(text).is_err(), "{text:?}");
        }
        assert!(ListName::parse(&"é".repeat(65)).is_err());
        assert!(Note::parse("one\ntwo").is_ok());
    }
}
