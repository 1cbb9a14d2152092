//! The catalogue of securities: rows, and the numbers of imports.
//!
//! An import writes in portions, so that others write in between, and is complete when its number is: until then nodes go on
//! with what they have read.

use super::schema::{catalog_imports, securities};
use super::text_pool::TextPool;
use super::{DbConnection, Result, columns};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::upsert::excluded;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::{SecurityClass, Ticker};

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
    class: String,
    pub(super) is_delisted: bool,
}

impl Row {
    fn into_ticker(self, pool: &mut TextPool) -> Result<Ticker> {
        Ok(Ticker {
            symbol: columns::parse("securities.symbol", &self.symbol)?,
            name: self.name.into(),
            mic: self.mic.map(|mic| pool.text(&mic)),
            currency: columns::parse("securities.currency", &self.currency)?,
            country: self.country.map(|country| pool.text(&country)),
            isin: self.isin.map(Into::into),
            sector: self.sector.map(|sector| pool.text(&sector)),
            indices: pool.list(&self.indices),
            rank: columns::unsigned("securities.rank", self.rank)?,
            class: columns::one_of("securities.class", &self.class, &SecurityClass::ALL, SecurityClass::name)?,
            delisted: self.is_delisted,
        })
    }
}

#[derive(Insertable)]
#[diesel(table_name = securities, treat_none_as_default_value = false)]
struct Write<'a> {
    symbol: &'a str,
    name: &'a str,
    mic: Option<&'a str>,
    currency: &'a str,
    country: Option<&'a str>,
    isin: Option<&'a str>,
    sector: Option<&'a str>,
    indices: String,
    rank: i32,
    class: &'a str,
    is_delisted: bool,
    last_import: i64,
}

impl<'a> Write<'a> {
    fn new(ticker: &'a Ticker, import: i64) -> Self {
        Self {
            symbol: ticker.symbol.as_str(),
            name: &ticker.name,
            mic: ticker.mic.as_deref(),
            currency: ticker.currency.as_str(),
            country: ticker.country.as_deref(),
            isin: ticker.isin.as_deref(),
            sector: ticker.sector.as_deref(),
            indices: ticker.indices.join("|"),
            rank: i32::try_from(ticker.rank).unwrap_or(i32::MAX),
            class: ticker.class.name(),
            is_delisted: ticker.delisted,
            last_import: import,
        }
    }
}

/// The number of securities.
pub fn count(connection: &mut DbConnection) -> Result<i64> {
    Ok(securities::table.count().get_result(connection)?)
}

/// The highest rank, 0 without securities.
pub fn last_rank(connection: &mut DbConnection) -> Result<u32> {
    let last: Option<i32> = securities::table.select(diesel::dsl::max(securities::rank)).get_result(connection)?;
    columns::unsigned("securities.rank", last.unwrap_or(0))
}

/// The whole catalogue, by symbol.
pub fn list(connection: &mut DbConnection) -> Result<Vec<Ticker>> {
    list_after(connection, None, i64::MAX, &mut TextPool::default())
}

/// At most `limit` securities behind a symbol, by symbol.
pub fn list_after(
    connection: &mut DbConnection,
    after: Option<Symbol>,
    limit: i64,
    pool: &mut TextPool,
) -> Result<Vec<Ticker>> {
    let after = after.as_ref().map_or("", Symbol::as_str);
    let rows: Vec<Row> = securities::table
        .filter(securities::symbol.gt(after))
        .order(securities::symbol)
        .limit(limit)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| row.into_ticker(pool)).collect()
}

/// The number of the newest complete import.
pub fn complete_import(connection: &mut DbConnection) -> Result<i64> {
    Ok(catalog_imports::table.find(1).select(catalog_imports::complete).first(connection)?)
}

/// Imports these securities if the catalogue is empty. Of several processes at their first start, one imports.
pub fn import_first(connection: &mut DbConnection, tickers: &[Ticker]) -> Result<()> {
    lock(connection)?;
    if count(connection)? == 0 { import(connection, tickers) } else { Ok(()) }
}

/// Lets one first import run at a time; SQLite has one writer anyway.
fn lock(connection: &mut DbConnection) -> Result<()> {
    match connection {
        DbConnection::Postgres(postgres) => {
            Ok(postgres.batch_execute("LOCK TABLE securities IN SHARE ROW EXCLUSIVE MODE")?)
        }
        DbConnection::Sqlite(_) => Ok(()),
    }
}

/// Adds these securities, and updates existing ones, in one transaction. None is removed: it may be on a list.
pub fn import(connection: &mut DbConnection, tickers: &[Ticker]) -> Result<()> {
    let number = begin_import(connection)?;
    for portion in tickers.chunks(PORTION) {
        write(connection, portion, number)?;
    }
    complete(connection, number)
}

/// How many securities are written in one statement: their values stay within what a statement may have on both databases.
pub const PORTION: usize = 500;

/// Begins an import; returns its number.
pub fn begin_import(connection: &mut DbConnection) -> Result<i64> {
    let row = catalog_imports::table.find(1);
    diesel::update(row).set(catalog_imports::begun.eq(catalog_imports::begun + 1)).execute(connection)?;
    Ok(row.select(catalog_imports::begun).first(connection)?)
}

/// Writes at most [`PORTION`] securities of an import.
pub fn write(connection: &mut DbConnection, tickers: &[Ticker], import: i64) -> Result<()> {
    let rows: Vec<Write<'_>> = tickers.iter().map(|ticker| Write::new(ticker, import)).collect();
    // What both databases share has no insert of many rows: each has its own.
    macro_rules! upsert {
        ($connection:expr) => {
            diesel::insert_into(securities::table)
                .values(&rows)
                .on_conflict(securities::symbol)
                .do_update()
                .set((
                    securities::name.eq(excluded(securities::name)),
                    securities::mic.eq(excluded(securities::mic)),
                    securities::currency.eq(excluded(securities::currency)),
                    securities::country.eq(excluded(securities::country)),
                    securities::isin.eq(excluded(securities::isin)),
                    securities::sector.eq(excluded(securities::sector)),
                    securities::indices.eq(excluded(securities::indices)),
                    securities::rank.eq(excluded(securities::rank)),
                    securities::class.eq(excluded(securities::class)),
                    securities::is_delisted.eq(excluded(securities::is_delisted)),
                    securities::last_import.eq(excluded(securities::last_import)),
                ))
                .execute($connection)?
        };
    }
    match connection {
        DbConnection::Postgres(postgres) => upsert!(postgres),
        DbConnection::Sqlite(sqlite) => upsert!(sqlite),
    };
    Ok(())
}

/// Marks at most [`PORTION`] securities as delisted that neither this import nor a later one wrote, by symbol from `after` on. Returns
/// the last one's symbol, or `None` when there are no more, and how many they were.
pub fn delist_unwritten(connection: &mut DbConnection, import: i64, after: &str) -> Result<(Option<String>, usize)> {
    let symbols: Vec<String> = securities::table
        .filter(securities::symbol.gt(after))
        .filter(securities::last_import.lt(import))
        .filter(securities::is_delisted.eq(false))
        .order(securities::symbol)
        .limit(PORTION as i64)
        .select(securities::symbol)
        .load(connection)?;
    let delisted = set_delisted(connection, &symbols)?;
    Ok((symbols.into_iter().next_back(), delisted))
}

/// Marks securities as delisted. Returns how many of them the catalogue has.
pub fn set_delisted(connection: &mut DbConnection, symbols: &[String]) -> Result<usize> {
    let rows = securities::table.filter(securities::symbol.eq_any(symbols));
    Ok(diesel::update(rows).set(securities::is_delisted.eq(true)).execute(connection)?)
}

/// Completes an import: nodes read the catalogue.
pub fn complete(connection: &mut DbConnection, import: i64) -> Result<()> {
    // Of two imports at once the later one is complete with both.
    let row = catalog_imports::table.filter(catalog_imports::complete.lt(import));
    diesel::update(row).set(catalog_imports::complete.eq(import)).execute(connection)?;
    Ok(())
}
