//! The catalogue of securities.

use super::schema::securities;
use super::{DbConnection, Result, columns};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use watchtape_shared::ticker::Ticker;

#[derive(Queryable, Selectable)]
#[diesel(table_name = securities)]
pub(super) struct Row {
    symbol: String,
    pub(super) name: String,
    pub(super) mic: Option<String>,
    pub(super) currency: String,
    country: Option<String>,
    isin: Option<String>,
    sector: Option<String>,
    indices: String,
    rank: i32,
}

impl Row {
    fn into_ticker(self) -> Result<Ticker> {
        Ok(Ticker {
            symbol: columns::parse("securities.symbol", &self.symbol)?,
            name: self.name,
            mic: self.mic,
            currency: columns::parse("securities.currency", &self.currency)?,
            country: self.country,
            isin: self.isin,
            sector: self.sector,
            indices: self.indices.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            rank: columns::unsigned("securities.rank", self.rank)?,
        })
    }
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = securities, treat_none_as_null = true, treat_none_as_default_value = false)]
struct Write<'a> {
    symbol: &'a str,
    name: &'a str,
    mic: Option<&'a str>,
    currency: &'a str,
    country: Option<&'a str>,
    isin: Option<&'a str>,
    sector: Option<&'a str>,
    indices: &'a str,
    rank: i32,
}

/// The number of securities.
pub fn count(connection: &mut DbConnection) -> Result<i64> {
    Ok(securities::table.count().get_result(connection)?)
}

/// The whole catalogue, by rank.
pub fn list(connection: &mut DbConnection) -> Result<Vec<Ticker>> {
    let rows =
        securities::table.order((securities::rank, securities::symbol)).select(Row::as_select()).load(connection)?;
    rows.into_iter().map(Row::into_ticker).collect()
}

/// Imports these securities if the catalogue is empty. Of several processes at their first start, one imports.
pub fn import_first(connection: &mut DbConnection, tickers: &[Ticker]) -> Result<()> {
    lock(connection)?;
    if count(connection)? == 0 { import(connection, tickers) } else { Ok(()) }
}

/// Lets one import run at a time; SQLite has one writer anyway.
fn lock(connection: &mut DbConnection) -> Result<()> {
    match connection {
        DbConnection::Postgres(postgres) => {
            Ok(postgres.batch_execute("LOCK TABLE securities IN SHARE ROW EXCLUSIVE MODE")?)
        }
        DbConnection::Sqlite(_) => Ok(()),
    }
}

/// Adds these securities, and updates existing ones. None is removed: it may be on a list.
pub fn import(connection: &mut DbConnection, tickers: &[Ticker]) -> Result<()> {
    lock(connection)?;
    let is_empty = count(connection)? == 0;
    for ticker in tickers {
        let indices = ticker.indices.join("|");
        let write = Write {
            symbol: ticker.symbol.as_str(),
            name: &ticker.name,
            mic: ticker.mic.as_deref(),
            currency: ticker.currency.as_str(),
            country: ticker.country.as_deref(),
            isin: ticker.isin.as_deref(),
            sector: ticker.sector.as_deref(),
            indices: &indices,
            rank: i32::try_from(ticker.rank).unwrap_or(i32::MAX),
        };
        let updated = !is_empty
            && diesel::update(securities::table.find(ticker.symbol.as_str())).set(&write).execute(connection)? == 1;
        if !updated {
            diesel::insert_into(securities::table).values(&write).execute(connection)?;
        }
    }
    Ok(())
}
