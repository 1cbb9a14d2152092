//! A rough estimate of a password's strength, by its length and the number of different characters. Only the server
//! checks lists of leaked passwords.

use crate::texts::auth;

/// The minimum length of a password.
const SHORTEST: usize = 8;

/// The strength of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strength {
    Short,
    Weak,
    Fair,
    Strong,
}

impl Strength {
    /// `None` for an empty field.
    pub(super) fn of(password: &str) -> Option<Self> {
        let mut seen: Vec<char> = password.chars().collect();
        let length = seen.len();
        seen.sort_unstable();
        seen.dedup();
        Some(match (length, seen.len()) {
            (0, _) => return None,
            (..SHORTEST, _) => Self::Short,
            (_, ..=5) => Self::Weak,
            (16.., 9..) => Self::Strong,
            (12.., 8..) => Self::Fair,
            _ => Self::Weak,
        })
    }

    /// Its CSS class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Strong => "strong",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Short => auth::strength_short(),
            Self::Weak => auth::strength_weak(),
            Self::Fair => auth::strength_fair(),
            Self::Strong => auth::strength_strong(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn length_and_variety_make_a_password_strong() {
        let table = [
            ("seven77", Strength::Short),
            ("password123", Strength::Weak),
            ("aaaaaaaaaaaaaaaaaaaa", Strength::Weak),
            ("lovelace-1843", Strength::Fair),
            ("correct horse battery", Strength::Strong),
        ];
        for (password, strength) in table {
            assert_eq!(Strength::of(password), Some(strength), "{password}");
        }
        assert_eq!(Strength::of(""), None);
    }
}
