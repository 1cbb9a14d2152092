//! The sections of the account page.

use crate::route;
use crate::texts::{account, appearance, destinations, guest};

/// One section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Keep,
    Profile,
    Appearance,
    Password,
    Destinations,
    Devices,
    Keys,
    History,
    Data,
}

const OWN: &[Section] = &[
    Section::Profile,
    Section::Appearance,
    Section::Password,
    Section::Destinations,
    Section::Devices,
    Section::Keys,
    Section::History,
    Section::Data,
];

/// The sections for guests, who have neither address nor password.
const OF_GUESTS: &[Section] = &[Section::Keep, Section::Appearance, Section::Destinations, Section::Data];

impl Section {
    /// The sections, in order.
    pub(super) fn all(is_guest: bool) -> &'static [Self] {
        if is_guest { OF_GUESTS } else { OWN }
    }

    /// The section that a hash names, or else the first.
    pub(super) fn of(hash: &str, is_guest: bool) -> Self {
        let all = Self::all(is_guest);
        let name = hash.trim_start_matches('#');
        all.iter().copied().find(|section| section.key() == name).unwrap_or(all[0])
    }

    pub(super) fn address(self) -> String {
        let mut address = route::ACCOUNT.to_owned();
        address.push('#');
        address.push_str(self.key());
        address
    }

    fn key(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Profile => "profile",
            Self::Appearance => "appearance",
            Self::Password => "password",
            Self::Destinations => "destinations",
            Self::Devices => "devices",
            Self::Keys => "keys",
            Self::History => "history",
            Self::Data => "data",
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Keep => guest::keep_title(),
            Self::Profile => account::profile(),
            Self::Appearance => appearance::appearance(),
            Self::Password => account::password(),
            Self::Destinations => destinations::destinations(),
            Self::Devices => account::devices(),
            Self::Keys => account::keys(),
            Self::History => account::history(),
            Self::Data => account::data(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_hash_opens_a_section_that_the_account_has() {
        assert_eq!(Section::of("#devices", false), Section::Devices);
        assert_eq!(Section::of("", false), Section::Profile);
        assert_eq!(Section::of("#nothing", false), Section::Profile);
        assert_eq!(Section::of("#devices", true), Section::Keep);
        assert_eq!(Section::of("#appearance", true), Section::Appearance);
    }
}
