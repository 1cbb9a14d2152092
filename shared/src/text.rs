//! Texts from users: newtypes that are normalised, trimmed and length-checked when parsed. Their patterns in the API's
//! description exclude blank texts, control characters, and those of the hidden ones that hold nowhere.

use crate::visible::Hidden;
use crate::{Invalid, Stored, normal, serde_as_str};
use std::fmt;

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $most:tt, $lines:expr, $pattern:tt, $called:literal, $measure:literal, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 1, max_length = $most, pattern = $pattern, example = $example))]
        pub struct $name(Box<str>);

        impl $name {
            /// Normalises, measures and trims the text; hidden characters are refused, and so are blanks alone.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                // Measured as it comes too, so that the pattern in the API's description says the same.
                Self::check_length(text)?;
                let text = normal::name(text, $lines).map_err(|hidden| {
                    Invalid(match hidden {
                        Hidden::Control => concat!($called, " has no control characters"),
                        Hidden::Direction => concat!($called, " has no characters that turn the direction of text"),
                        Hidden::Invisible => concat!($called, " has no invisible characters"),
                    })
                })?;
                Self::from_stored(&text)
            }

            fn check_length(text: &str) -> Result<(), Invalid> {
                match text.chars().count() {
                    1..=$most => Ok(()),
                    _ => Err(Invalid(concat!($called, $measure))),
                }
            }

            /// The text, trimmed.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl Stored for $name {
            fn from_stored(text: &str) -> Result<Self, Invalid> {
                if text.chars().any(|c| c.is_control() && !($lines && matches!(c, '\n' | '\t'))) {
                    return Err(Invalid(concat!($called, " has no control characters")));
                }
                Self::check_length(text)?;
                let trimmed = text.trim();
                if trimmed.is_empty() { Err(Invalid(concat!($called, $measure))) } else { Ok(Self(trimmed.into())) }
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
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a list's name", " has 1 to 64 characters", "Tech I follow"
);
text!(
    /// The heading that an item stands under, 1 to 64 characters.
    Section, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a section", " has 1 to 64 characters", "Semiconductors"
);
text!(
    /// What a person notes beside an item, 1 to 2,000 characters; lines and tabs may be in it.
    Note, 2000, true,
    r"^[^\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a note", " has 1 to 2,000 characters", "Earnings on 19 November"
);
text!(
    /// How a person wants to be called, 1 to 64 characters.
    DisplayName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a display name", " has 1 to 64 characters", "Ada"
);
text!(
    /// What an API key is for, 1 to 64 characters.
    KeyName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a key's name", " has 1 to 64 characters", "Spreadsheet at home"
);
text!(
    /// What a destination of alerts is called, 1 to 64 characters.
    DestinationName, 64, false,
    r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*[^\u0000-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB][^\u0000-\u001F\u007F-\u009F\u2028\u2029\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u2800\u3164\uFEFF\uFFA0\uFFF0-\uFFFB]*$",
    "a destination's name", " has 1 to 64 characters", "Phone"
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

    #[test]
    fn the_reason_is_said() {
        let why = |text: &str| ListName::parse(text).expect_err("refused").0;
        assert_eq!(why(""), "a list's name has 1 to 64 characters");
        assert_eq!(why("a\u{0}b"), "a list's name has no control characters");
    }

    #[cfg(feature = "normalize")]
    #[test]
    fn a_name_has_one_spelling_and_nothing_hidden() {
        assert_eq!(ListName::parse("Ta\u{308}glich"), ListName::parse("Täglich"));
        assert_eq!(ListName::parse("ㅎ").expect("a letter").as_str(), "ㅎ");
        let why = |text: &str| ListName::parse(text).expect_err("refused").0;
        assert_eq!(why("Te\u{200B}ch"), "a list's name has no invisible characters");
        assert_eq!(why("Tech\u{202E}"), "a list's name has no characters that turn the direction of text");
        assert!(Section::parse("👨\u{200D}👩\u{200D}👧 می\u{200C}خواهم").is_ok());
        // Longer in NFC than as it came.
        assert!(ListName::parse(&"\u{958}".repeat(33)).is_err());
    }

    /// What was stored before these rules stays readable.
    #[test]
    fn what_is_stored_is_read_as_it_is() {
        for text in ["Te\u{200B}ch", "Ta\u{308}glich", "\u{202E}Tech"] {
            assert_eq!(ListName::from_stored(text).expect("a name").as_str(), text);
        }
    }
}
