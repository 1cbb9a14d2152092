//! The wire types of Watchtape, shared by the API, the stream and the app, and their validation. Values are validated
//! once, when they are parsed.
//!
//! Deliberately absent: I/O, clocks and randomness. The crate compiles to wasm unchanged.

pub mod account;
pub mod alert;
pub mod api_key;
pub mod audit;
pub mod bar;
pub mod currency;
pub mod destination;
pub mod export;
pub mod id;
pub mod list_change;
pub mod market;
mod normal;
pub mod page;
pub mod patch;
pub mod percent;
pub mod price;
pub mod problem;
pub mod quote;
pub mod sparkline;
pub mod split;
pub mod stream;
pub mod symbol;
pub mod text;
pub mod tick_row;
pub mod ticker;
pub mod transfer;
pub mod visible;
pub mod watchlist;
mod whole;

use std::fmt;

pub use bar::Bar;
pub use currency::Currency;
pub use id::{AlertEventId, AlertId, DestinationId, EventId, KeyId, SessionId, UserId, WatchlistId};
pub use page::Page;
pub use patch::Patch;
pub use percent::Percent;
pub use price::{Change, Price};
pub use problem::Problem;
pub use quote::Quote;
pub use symbol::Symbol;

/// Why a text is not the value it should be, in words for the person who sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invalid(pub &'static str);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}

/// A value that is read from where the server has stored it: it was parsed once, maybe by older rules.
pub trait Stored: Sized {
    /// Reads the value as it is.
    fn from_stored(text: &str) -> Result<Self, Invalid>;
}

/// Implements `Serialize` by `as_str` and `Deserialize` by `parse`, so that a value is checked as it is read.
macro_rules! serde_as_str {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = crate::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }
    };
}
pub(crate) use serde_as_str;
