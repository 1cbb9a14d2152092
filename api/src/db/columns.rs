//! Conversions from columns to values. Values are validated before they are written, so a column that does not parse is
//! reported as [`Error::Corrupt`].

use super::{Error, Result};
use crate::clock;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use std::fmt::Display;
use std::str::FromStr;
use watchtape_shared::{Price, Stored};

/// Parses a column.
pub(super) fn parse<T: FromStr<Err: Display>>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|error| Error::Corrupt(format!("{column} holds {text:?}: {error}")))
}

/// Parses a nullable column.
pub(super) fn parse_optional<T: FromStr<Err: Display>>(column: &'static str, text: Option<&str>) -> Result<Option<T>> {
    text.map(|text| parse(column, text)).transpose()
}

/// Reads a text of a column, which older rules may have let in.
pub(super) fn stored<T: Stored>(column: &'static str, text: &str) -> Result<T> {
    T::from_stored(text).map_err(|error| Error::Corrupt(format!("{column} holds {text:?}: {error}")))
}

/// Reads a text of a nullable column.
pub(super) fn stored_optional<T: Stored>(column: &'static str, text: Option<&str>) -> Result<Option<T>> {
    text.map(|text| stored(column, text)).transpose()
}

/// A count, position or version from its signed column.
pub(super) fn unsigned<T: TryFrom<i64>>(column: &'static str, number: impl Into<i64>) -> Result<T> {
    let number = number.into();
    T::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}

/// The value of this name among all of its kind.
pub(super) fn one_of<T: Copy>(column: &'static str, text: &str, all: &[T], name: fn(T) -> &'static str) -> Result<T> {
    let found = all.iter().copied().find(|value| name(*value) == text);
    found.ok_or_else(|| Error::Corrupt(format!("{column} holds {text:?}")))
}

/// A price from its column, in millionths.
pub(super) fn price(column: &'static str, micros: i64) -> Result<Price> {
    Price::from_micros(micros).ok_or_else(|| Error::Corrupt(format!("{column} holds {micros}")))
}

/// The current time, to the microsecond, which both databases store.
pub(super) fn now() -> NaiveDateTime {
    clock::now().naive_utc().trunc_subsecs(6)
}

/// The time of a column, which is UTC.
pub(super) fn utc(time: NaiveDateTime) -> DateTime<Utc> {
    time.and_utc()
}
