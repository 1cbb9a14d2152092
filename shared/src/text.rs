//! Texts from users: newtypes that are trimmed and length-checked when parsed. Their patterns in the API's description
//! exclude control characters and blank texts.

use crate::{Invalid, serde_as_str};
use std::fmt;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $most:tt, $lines:expr, $pattern:tt, $invalid:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = $most, pattern = $pattern, example = $example))]
        pub struct $name(Box<str>);

        impl $name {
            /// Measures and trims the text; control characters are refused, and so are blanks alone.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                // Measured as it comes, so that the pattern in the API's description says the same.
                let control = text.chars().any(|c| c.is_control() && !($lines && matches!(c, '\n' | '\t')));
                let trimmed = text.trim();
                if control || trimmed.is_empty() || text.chars().count() > $most {
                    return Err(Invalid($invalid));
                }
                Ok(Self(trimmed.into()))
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
    ListName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u001F\u007F-\u009F]*$",
    "a list's name has 1 to 64 characters", "Tech I follow"
);
text!(
    /// The heading that an item stands under, 1 to 64 characters.
    Section, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u001F\u007F-\u009F]*$",
    "a section has 1 to 64 characters", "Semiconductors"
);
text!(
    /// What a person notes beside an item, 1 to 2,000 characters; lines and tabs may be in it.
    Note, 2000, true,
    r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u0008\u000B-\u001F\u007F-\u009F]*$",
    "a note has 1 to 2,000 characters", "Earnings on 19 November"
);
text!(
    /// How a person wants to be called, 1 to 64 characters.
    DisplayName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u001F\u007F-\u009F]*$",
    "a display name has 1 to 64 characters", "Ada"
);
text!(
    /// What an API key is for, 1 to 64 characters.
    KeyName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000][^\u0000-\u001F\u007F-\u009F]*$",
    "a key's name has 1 to 64 characters", "Spreadsheet at home"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_and_measured_in_characters() {
        assert_eq!(ListName::parse("  Tech  ").expect("a name").as_str(), "Tech");
        assert!(ListName::parse(&"é".repeat(64)).is_ok());
        for text in ["", "   ", "\u{2003}", "a\u{0}b", "a\nb", "a\n", "\u{9d}"] {
            assert!(ListName::parse(text).is_err(), "{text:?}");
        }
        assert!(ListName::parse(&"é".repeat(65)).is_err());
        assert!(ListName::parse(&format!("{} ", "a".repeat(64))).is_err());
        assert!(Note::parse("one\ntwo").is_ok());
    }
}
