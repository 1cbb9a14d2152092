//! The last values that alerts were compared with, of each symbol and session: what the next node goes on with.

use super::insert_rows::insert_rows;
use super::schema::alert_values;
use super::{DbConnection, Result, columns};
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use diesel::prelude::*;
use std::collections::{HashMap, HashSet};
use watchtape_shared::alert::AlertSession;
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// The last value that alerts of a symbol and session were compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredValue {
    /// The security.
    pub symbol: Symbol,
    /// Whose alerts: those of regular hours, or those of all.
    pub session: AlertSession,
    /// The price.
    pub price: Price,
    /// The last price of the session before.
    pub previous_close: Option<Price>,
    /// When the price was made.
    pub as_of: DateTime<Utc>,
    /// When it came to the node.
    pub seen_at: DateTime<Utc>,
    /// Its trading day.
    pub day: NaiveDate,
    /// How its source comes to it.
    pub mode: Mode,
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = alert_values, treat_none_as_default_value = false)]
struct Row {
    symbol: String,
    session: String,
    price: i64,
    previous_close: Option<i64>,
    as_of: NaiveDateTime,
    day: NaiveDate,
    mode: String,
    seen_at: NaiveDateTime,
}

impl Row {
    fn of(value: &StoredValue) -> Self {
        Self {
            symbol: value.symbol.as_str().to_owned(),
            session: value.session.as_str().to_owned(),
            price: value.price.micros(),
            previous_close: value.previous_close.map(Price::micros),
            as_of: value.as_of.naive_utc(),
            day: value.day,
            mode: value.mode.as_str().to_owned(),
            // Never before it was seen, as it would be if it were cut off: it would not count for an alert of that moment.
            seen_at: value.seen_at.naive_utc().trunc_subsecs(6),
        }
    }

    fn into_value(self) -> Result<StoredValue> {
        let price = |column, micros| columns::price(column, micros);
        Ok(StoredValue {
            symbol: columns::parse("alert_values.symbol", &self.symbol)?,
            session: columns::one_of("alert_values.session", &self.session, &AlertSession::ALL, AlertSession::as_str)?,
            price: price("alert_values.price", self.price)?,
            previous_close: self
                .previous_close
                .map(|micros| price("alert_values.previous_close", micros))
                .transpose()?,
            as_of: columns::utc(self.as_of),
            seen_at: columns::utc(self.seen_at),
            day: self.day,
            mode: columns::one_of("alert_values.mode", &self.mode, &Mode::ALL, Mode::as_str)?,
        })
    }
}

/// The next `limit` symbols' values after a symbol, by symbol; and the last symbol, `None` at the end.
pub fn list(
    connection: &mut DbConnection,
    after: Option<Symbol>,
    limit: i64,
) -> Result<(Vec<StoredValue>, Option<Symbol>)> {
    let mut symbols = alert_values::table
        .order(alert_values::symbol)
        .distinct()
        .select(alert_values::symbol)
        .limit(limit)
        .into_boxed();
    if let Some(after) = after {
        symbols = symbols.filter(alert_values::symbol.gt(after.as_str().to_owned()));
    }
    let symbols: Vec<String> = symbols.load(connection)?;
    let last = symbols.last().filter(|_| symbols.len() as i64 == limit);
    let last = last.map(|symbol| columns::parse("alert_values.symbol", symbol)).transpose()?;
    let rows: Vec<Row> =
        alert_values::table.filter(alert_values::symbol.eq_any(symbols)).select(Row::as_select()).load(connection)?;
    Ok((rows.into_iter().map(Row::into_value).collect::<Result<_>>()?, last))
}

/// Stores values, of which the last of a symbol and session counts, unless one that was seen later is stored.
pub fn store(connection: &mut DbConnection, values: &[StoredValue]) -> Result<()> {
    let newest: HashMap<(Symbol, AlertSession), &StoredValue> =
        values.iter().map(|value| ((value.symbol, value.session), value)).collect();
    if newest.is_empty() {
        return Ok(());
    }
    let symbols: Vec<&str> = values.iter().map(|value| value.symbol.as_str()).collect();
    let stored: Vec<(String, String, NaiveDateTime)> = alert_values::table
        .filter(alert_values::symbol.eq_any(symbols))
        .select((alert_values::symbol, alert_values::session, alert_values::seen_at))
        .load(connection)?;
    let mut known: HashSet<(&str, &str)> = HashSet::new();
    let mut outdated: HashMap<&str, Vec<&str>> = HashMap::new();
    for (symbol, session, seen_at) in &stored {
        let is_newer = |(key, value): (&(Symbol, AlertSession), &&StoredValue)| {
            key.0.as_str() == symbol && key.1.as_str() == session && value.seen_at.naive_utc() < *seen_at
        };
        let key = Symbol::parse(symbol).ok().zip(AlertSession::ALL.into_iter().find(|kind| kind.as_str() == session));
        let Some(key) = key.filter(|key| newest.contains_key(key)) else { continue };
        if is_newer((&key, &newest[&key])) {
            known.insert((symbol, session));
        } else {
            outdated.entry(session).or_default().push(symbol);
        }
    }
    for (session, symbols) in outdated {
        let rows =
            alert_values::table.filter(alert_values::session.eq(session)).filter(alert_values::symbol.eq_any(symbols));
        diesel::delete(rows).execute(connection)?;
    }
    let mut rows: Vec<Row> = newest
        .values()
        .filter(|value| !known.contains(&(value.symbol.as_str(), value.session.as_str())))
        .map(|value| Row::of(value))
        .collect();
    rows.sort_unstable_by(|one, other| (&one.symbol, &one.session).cmp(&(&other.symbol, &other.session)));
    if !rows.is_empty() {
        insert_rows!(connection, alert_values::table, rows)?;
    }
    Ok(())
}
