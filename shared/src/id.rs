//! Ids on the wire: TypeIDs, a prefix that names the kind and 26 characters of Crockford base 32 over a UUIDv7.
//! The server creates them; here they are only parsed. See <https://github.com/jetify-com/typeid>.

use crate::{Invalid, serde_as_str};
use std::fmt;

const SUFFIX_LEN: usize = 26;

fn is_suffix(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() == SUFFIX_LEN
        // The first character holds three bits only: 26 characters of five bits are two more than a UUID has.
        && bytes.next().is_some_and(|first| (b'0'..=b'7').contains(&first))
        && bytes.all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b't' | b'v'..=b'z'))
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $pattern:tt, $example:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "openapi", schema(value_type = String, pattern = $pattern, example = $example))]
        pub struct $name(Box<str>);

        impl $name {
            /// What the id begins with, before the underscore.
            pub const PREFIX: &str = $prefix;

            /// Parses an id of this kind; another kind's is refused.
            pub fn parse(text: &str) -> Result<Self, Invalid> {
                text.strip_prefix(concat!($prefix, "_"))
                    .filter(|suffix| is_suffix(suffix))
                    .map(|_| Self(text.into()))
                    .ok_or(Invalid(concat!("an id of this kind is ", $prefix, "_ and 26 characters")))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        serde_as_str!($name);

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

typed_id!(
    /// Names an account.
    UserId, "usr", "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$", "usr_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names a signed-in device.
    SessionId, "ses", "^ses_[0-7][0-9a-hjkmnp-tv-z]{25}$", "ses_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names a watchlist.
    WatchlistId, "wl", "^wl_[0-7][0-9a-hjkmnp-tv-z]{25}$", "wl_01kaq2f8s5e8rvm0r2j5c4n6xt"
);

typed_id!(
    /// Names an API key.
    KeyId, "key", "^key_[0-7][0-9a-hjkmnp-tv-z]{25}$", "key_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names an entry of the audit trail.
    EventId, "evt", "^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$", "evt_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names an alert.
    AlertId, "alr", "^alr_[0-7][0-9a-hjkmnp-tv-z]{25}$", "alr_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names a trigger of an alert.
    AlertEventId, "evt", "^evt_[0-7][0-9a-hjkmnp-tv-z]{25}$", "evt_01kaq2f8s5e8rvm0r2j5c4n6xt"
);
typed_id!(
    /// Names a destination of alerts.
    DestinationId, "dst", "^dst_[0-7][0-9a-hjkmnp-tv-z]{25}$", "dst_01kaq2f8s5e8rvm0r2j5c4n6xt"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_its_prefix_and_26_characters() {
        assert!(UserId::parse("usr_01kaq2f8s5e8rvm0r2j5c4n6xt").is_ok());
        for text in [
            "",
            "usr_",
            "wl_01kaq2f8s5e8rvm0r2j5c4n6xt",
            "usr_01KAQ2F8S5E8RVM0R2J5C4N6XT",
            "usr_81kaq2f8s5e8rvm0r2j5c4n6xt",
        ] {
            assert!(UserId::parse(text).is_err(), "{text:?}");
        }
    }
}
