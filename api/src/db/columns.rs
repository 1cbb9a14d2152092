//! From columns to values: the texts in the tables were parsed before they were written, so one that does not parse
//! is damage, and is reported as such.

use super::{Error, Result};
use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use std::fmt::Display;
use std::str::FromStr;

/// Parses a column.
pub(super) fn parse<T: FromStr<Err: Display>>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|error| Error::Corrupt(format!("{column} holds {text:?}: {error}")))
}

/// Parses a column that may be empty.
pub(super) fn parse_optional<T: FromStr<Err: Display>>(column: &'static str, text: Option<&str>) -> Result<Option<T>> {
    text.map(|text| parse(column, text)).transpose()
}

/// A count or a position from its column.
pub(super) fn unsigned<T: TryFrom<i64>>(column: &'static str, number: impl Into<i64>) -> Result<T> {
    let number = number.into();
    T::try_from(number).map_err(|_| Error::Corrupt(format!("{column} holds {number}")))
}

/// The present, to the microsecond that both databases keep.
pub(super) fn now() -> NaiveDateTime {
    Utc::now().naive_utc().trunc_subsecs(6)
}

/// A column's time as a point in time.
pub(super) fn utc(time: NaiveDateTime) -> DateTime<Utc> {
    time.and_utc()
}
