//! Splits of securities, as the feed's source has shown them.

use super::schema::splits;
use super::{DbConnection, Error, Result, columns};
use chrono::NaiveDate;
use diesel::prelude::*;
use std::collections::HashMap;
use watchtape_shared::Symbol;
use watchtape_shared::split::{Split, SplitRatio};

/// Stores a split, unless one of that symbol and day is known. Returns whether it was not.
pub fn store(connection: &mut DbConnection, symbol: Symbol, split: Split) -> Result<bool> {
    let row = splits::table.find((symbol.as_str(), split.day));
    let known = row.select(splits::new_shares).first::<i64>(connection).optional()?;
    if known.is_some() {
        return Ok(false);
    }
    let values = (
        splits::symbol.eq(symbol.as_str()),
        splits::day.eq(split.day),
        splits::new_shares.eq(i64::from(split.ratio.new_shares())),
        splits::old_shares.eq(i64::from(split.ratio.old_shares())),
    );
    diesel::insert_into(splits::table).values(values).execute(connection)?;
    Ok(true)
}

/// The splits of these symbols, by day.
pub fn of(connection: &mut DbConnection, symbols: &[Symbol]) -> Result<HashMap<Symbol, Vec<Split>>> {
    let rows: Vec<(String, NaiveDate, i64, i64)> = splits::table
        .filter(splits::symbol.eq_any(symbols.iter().map(Symbol::as_str)))
        .order((splits::symbol, splits::day))
        .select((splits::symbol, splits::day, splits::new_shares, splits::old_shares))
        .load(connection)?;
    let mut found: HashMap<Symbol, Vec<Split>> = HashMap::new();
    for (symbol, day, new, old) in rows {
        let shares = u32::try_from(new).ok().zip(u32::try_from(old).ok());
        let ratio = shares.and_then(|(new, old)| SplitRatio::new(new, old));
        let ratio = ratio.ok_or_else(|| Error::Corrupt(format!("splits holds {new}:{old}")))?;
        found.entry(columns::parse("splits.symbol", &symbol)?).or_default().push(Split { day, ratio });
    }
    Ok(found)
}
