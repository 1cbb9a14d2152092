//! Bars (open, high, low, close, volume) of each symbol: of a minute, which are deleted after the retention, and of a
//! day, which are kept.

use super::schema::bars;
use super::{DbConnection, Error, Result, columns};
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeDelta, Utc};
use diesel::prelude::*;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use watchtape_shared::bar::{Bar, Interval};
use watchtape_shared::quote::Mode;
use watchtape_shared::{Price, Symbol};

/// Bars that one query looks up.
const CHUNK_LEN: usize = 500;
/// About how many bars one sweep deletes, so that its transaction stays short.
const SWEEP_BATCH: i64 = 20_000;

/// Where the prices of a bar are from. Bars of different provenance are separate series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// Real prices, live or delayed.
    Real,
    /// A simulated market.
    Simulated,
    /// A replayed recording.
    Replay,
}

impl Provenance {
    fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Simulated => "simulated",
            Self::Replay => "replay",
        }
    }
}

impl From<Mode> for Provenance {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::Live | Mode::Delayed => Self::Real,
            Mode::Simulated => Self::Simulated,
            Mode::Replay => Self::Replay,
        }
    }
}

/// A bar to be merged into the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewBar {
    /// The security.
    pub symbol: Symbol,
    /// A minute or a day.
    pub interval: Interval,
    /// Its prices.
    pub bar: Bar,
}

/// The closing price of a minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Close {
    /// When the minute begins.
    pub start: DateTime<Utc>,
    /// The price.
    pub price: Price,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = bars)]
struct Row {
    symbol: String,
    starts_at: NaiveDateTime,
    open: i64,
    high: i64,
    low: i64,
    close: i64,
    volume: Option<i64>,
}

impl Row {
    fn into_bar(self) -> Result<Bar> {
        Ok(Bar {
            start: columns::utc(self.starts_at),
            open: price("bars.open", self.open)?,
            high: price("bars.high", self.high)?,
            low: price("bars.low", self.low)?,
            close: price("bars.close", self.close)?,
            volume: self.volume.map(|volume| columns::unsigned("bars.volume", volume)).transpose()?,
        })
    }
}

fn price(column: &'static str, micros: i64) -> Result<Price> {
    Price::from_micros(micros).ok_or_else(|| Error::Corrupt(format!("{column} holds {micros}")))
}

#[derive(Insertable)]
#[diesel(table_name = bars, treat_none_as_default_value = false)]
struct Insert<'a> {
    origin: &'a str,
    symbol: &'a str,
    interval_code: &'a str,
    starts_at: NaiveDateTime,
    #[diesel(embed)]
    columns: BarColumns,
}

#[derive(Insertable, AsChangeset)]
#[diesel(table_name = bars, treat_none_as_null = true, treat_none_as_default_value = false)]
struct BarColumns {
    open: i64,
    high: i64,
    low: i64,
    close: i64,
    volume: Option<i64>,
}

impl BarColumns {
    fn of(bar: &Bar) -> Self {
        Self {
            open: bar.open.micros(),
            high: bar.high.micros(),
            low: bar.low.micros(),
            close: bar.close.micros(),
            volume: bar.volume.map(|volume| i64::try_from(volume).unwrap_or(i64::MAX)),
        }
    }
}

/// Stores bars. A stored bar of the same minute or day, as after a restart, is widened, never replaced.
pub fn merge(connection: &mut DbConnection, provenance: Provenance, new: &[NewBar]) -> Result<()> {
    let mut groups: BTreeMap<(Interval, DateTime<Utc>), Vec<&NewBar>> = BTreeMap::new();
    for new in new {
        groups.entry((new.interval, new.bar.start)).or_default().push(new);
    }
    for ((interval, start), group) in groups {
        for chunk in group.chunks(CHUNK_LEN) {
            merge_chunk(connection, provenance, interval, start.naive_utc(), chunk)?;
        }
    }
    Ok(())
}

/// Stores bars of one interval and start.
fn merge_chunk(
    connection: &mut DbConnection,
    provenance: Provenance,
    interval: Interval,
    starts_at: NaiveDateTime,
    chunk: &[&NewBar],
) -> Result<()> {
    let symbols: Vec<&str> = chunk.iter().map(|new| new.symbol.as_str()).collect();
    let rows = bars::table
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(interval.as_str()))
        .filter(bars::starts_at.eq(starts_at))
        .filter(bars::symbol.eq_any(symbols))
        .select(Row::as_select())
        .load(connection)?;
    let mut stored: HashMap<Symbol, Bar> = HashMap::with_capacity(rows.len());
    for row in rows {
        stored.insert(columns::parse("bars.symbol", &row.symbol)?, row.into_bar()?);
    }
    for NewBar { symbol, bar, .. } in chunk {
        let known = stored.get(symbol).copied();
        let whole = known.map_or(*bar, |known| known.widened_by(*bar));
        match known {
            Some(known) if known == whole => {}
            Some(_) => {
                diesel::update(bars::table.find((symbol.as_str(), provenance.as_str(), interval.as_str(), starts_at)))
                    .set(BarColumns::of(&whole))
                    .execute(connection)?;
            }
            None => {
                let insert = Insert {
                    origin: provenance.as_str(),
                    symbol: symbol.as_str(),
                    interval_code: interval.as_str(),
                    starts_at,
                    columns: BarColumns::of(&whole),
                };
                diesel::insert_into(bars::table).values(insert).execute(connection)?;
            }
        }
        stored.insert(*symbol, whole);
    }
    Ok(())
}

/// The newest `limit` bars that begin in `[from, to)`, in ascending order.
pub fn range(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbol: Symbol,
    interval: Interval,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    limit: i64,
) -> Result<Vec<Bar>> {
    let rows = bars::table
        .filter(bars::symbol.eq(symbol.as_str()))
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(interval.as_str()))
        .filter(bars::starts_at.ge(from.naive_utc()))
        .filter(bars::starts_at.lt(to.naive_utc()))
        .order(bars::starts_at.desc())
        .limit(limit)
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().rev().map(Row::into_bar).collect()
}

/// The oldest bar of a symbol.
pub fn first(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbol: Symbol,
    interval: Interval,
) -> Result<Option<Bar>> {
    let first = bars::table
        .filter(bars::symbol.eq(symbol.as_str()))
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(interval.as_str()))
        .order(bars::starts_at)
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    first.map(Row::into_bar).transpose()
}

/// The day of each symbol's oldest daily bar.
pub fn first_days(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbols: &[Symbol],
) -> Result<HashMap<Symbol, NaiveDate>> {
    let rows: Vec<(String, Option<NaiveDateTime>)> = bars::table
        .filter(bars::symbol.eq_any(symbols.iter().map(Symbol::as_str)))
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(Interval::OneDay.as_str()))
        .group_by(bars::symbol)
        .select((bars::symbol, diesel::dsl::min(bars::starts_at)))
        .load(connection)?;
    let mut days = HashMap::with_capacity(rows.len());
    for (symbol, first) in rows {
        if let Some(first) = first {
            days.insert(columns::parse("bars.symbol", &symbol)?, first.date());
        }
    }
    Ok(days)
}

/// The closes of these symbols' minute bars that begin in `span`, ascending, as far as the last of each step needs them:
/// of a symbol that has a bar at each of `step_ends`, those and the ones after them, else all. Two queries: call it in a
/// snapshot.
pub fn step_closes(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbols: &[Symbol],
    span: &Range<DateTime<Utc>>,
    step_ends: &[DateTime<Utc>],
) -> Result<HashMap<Symbol, Vec<Close>>> {
    let after_steps = step_ends.last().map_or(span.start, |end| *end + TimeDelta::minutes(1));
    let rest = std::iter::successors(Some(after_steps), |at| at.checked_add_signed(TimeDelta::minutes(1)));
    let rest = rest.take_while(|at| *at < span.end);
    let times: Vec<NaiveDateTime> = step_ends.iter().copied().chain(rest).map(|at| at.naive_utc()).collect();
    let mut found = closes_at(connection, provenance, symbols, &times)?;
    let is_whole =
        |closes: &Vec<Close>| closes.iter().filter(|close| close.start < after_steps).count() == step_ends.len();
    let is_missing = |symbol: &Symbol| !found.get(symbol).is_some_and(is_whole);
    let others: Vec<Symbol> = symbols.iter().copied().filter(is_missing).collect();
    if !others.is_empty() {
        found.extend(closes_in(connection, provenance, &others, span)?);
    }
    Ok(found)
}

fn closes_at(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbols: &[Symbol],
    times: &[NaiveDateTime],
) -> Result<HashMap<Symbol, Vec<Close>>> {
    let rows = bars::table
        .filter(bars::symbol.eq_any(symbols.iter().map(Symbol::as_str)))
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(Interval::OneMinute.as_str()))
        .filter(bars::starts_at.eq_any(times))
        .order((bars::symbol, bars::starts_at))
        .select((bars::symbol, bars::starts_at, bars::close))
        .load(connection)?;
    by_symbol(rows)
}

/// All closes of these symbols' minute bars that begin in `span`, ascending.
pub fn closes_in(
    connection: &mut DbConnection,
    provenance: Provenance,
    symbols: &[Symbol],
    span: &Range<DateTime<Utc>>,
) -> Result<HashMap<Symbol, Vec<Close>>> {
    let rows = bars::table
        .filter(bars::symbol.eq_any(symbols.iter().map(Symbol::as_str)))
        .filter(bars::origin.eq(provenance.as_str()))
        .filter(bars::interval_code.eq(Interval::OneMinute.as_str()))
        .filter(bars::starts_at.ge(span.start.naive_utc()))
        .filter(bars::starts_at.lt(span.end.naive_utc()))
        .order((bars::symbol, bars::starts_at))
        .select((bars::symbol, bars::starts_at, bars::close))
        .load(connection)?;
    by_symbol(rows)
}

fn by_symbol(rows: Vec<(String, NaiveDateTime, i64)>) -> Result<HashMap<Symbol, Vec<Close>>> {
    let mut closes: HashMap<Symbol, Vec<Close>> = HashMap::new();
    for (symbol, starts_at, close) in rows {
        let close = Close { start: columns::utc(starts_at), price: price("bars.close", close)? };
        closes.entry(columns::parse("bars.symbol", &symbol)?).or_default().push(close);
    }
    Ok(closes)
}

/// Deletes minute bars that began before `older_than`, oldest first, in batches: call it until it returns 0. Returns
/// how many it deleted.
pub fn sweep(connection: &mut DbConnection, older_than: DateTime<Utc>) -> Result<usize> {
    let minute = Interval::OneMinute.as_str();
    let last_of_batch = bars::table
        .filter(bars::interval_code.eq(minute))
        .filter(bars::starts_at.lt(older_than.naive_utc()))
        .order(bars::starts_at)
        .offset(SWEEP_BATCH)
        .limit(1)
        .select(bars::starts_at)
        .first::<NaiveDateTime>(connection)
        .optional()?;
    let old = bars::table.filter(bars::interval_code.eq(minute));
    let swept = match last_of_batch {
        Some(last) => diesel::delete(old.filter(bars::starts_at.le(last))).execute(connection)?,
        None => diesel::delete(old.filter(bars::starts_at.lt(older_than.naive_utc()))).execute(connection)?,
    };
    Ok(swept)
}
