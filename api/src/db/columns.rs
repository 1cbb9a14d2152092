//! Conversions from columns to values. Values are validated before they are written, so a column that does not parse is
//! reported as [`Error::Corrupt`].

use super::{Error, Result};
use crate::clock;
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use std::fmt::Display;
use std::str::FromStr;

/// Parses a column.
pub(super) fn parse<T: FromStr<Err: Display>>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|error| Error::Corrupt(format!("{column} holds {text:?}: {error}")))
}

/// Parses a nullable column.
pub(super) fn parse_optional<T: FromStr<Err: Display>>(column: &'static str, text: Option<&str>) -> Result<Option<T>> {
    text.map(|text| parse(column, text)).transpose()
}

/// A count, position or version from its signed column.
pub(super) fn unsigned<T: TryFrom<i64>>(column: &'static str, number: impl Into<i64>) -> Result<T> {
    let number = number.into();
    T::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}

/// The current time, to the microsecond, which both databases store.
pub(super) fn now() -> NaiveDateTime {
    clock::now().naive_utc().trunc_subsecs(6)
}

/// The time of a column, which is UTC.
pub(super) fn utc(time: NaiveDateTime) -> DateTime<Utc> {
    time.and_utc()
}
