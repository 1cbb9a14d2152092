//! The items of one watchlist. Their positions are 0, 1, 2, … without a gap.
//!
//! What changes takes a [`Locked`] list, which only its owner can have.

use super::list_lock::{Held, Locked};
use super::schema::{securities, watchlist_items, watchlists};
use super::{DbConnection, Error, Result, columns, security};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashSet;
use watchtape_shared::watchlist::{AddItem, Flag, ItemPatch, MAX_ITEMS, WatchlistItem};
use watchtape_shared::{Symbol, UserId, WatchlistId};

#[derive(Queryable, Selectable)]
#[diesel(table_name = watchlist_items)]
struct Row {
    symbol: String,
    position: i32,
    note: Option<String>,
    flag: Option<String>,
    section: Option<String>,
    added_at: NaiveDateTime,
}

impl Row {
    fn into_item(self, security: security::Row) -> Result<WatchlistItem> {
        Ok(WatchlistItem {
            symbol: columns::parse("watchlist_items.symbol", &self.symbol)?,
            name: security.name,
            mic: security.mic,
            currency: columns::parse("securities.currency", &security.currency)?,
            position: columns::unsigned("watchlist_items.position", self.position)?,
            note: columns::parse_optional("watchlist_items.note", self.note.as_deref())?,
            flag: self.flag.as_deref().map(parse_flag).transpose()?,
            section: columns::parse_optional("watchlist_items.section", self.section.as_deref())?,
            added_at: columns::utc(self.added_at),
            quote: None,
        })
    }
}

fn parse_flag(text: &str) -> Result<Flag> {
    let found = Flag::ALL.into_iter().find(|flag| flag.as_str() == text);
    found.ok_or_else(|| Error::Corrupt(format!("watchlist_items.flag holds {text:?}")))
}

#[derive(Insertable)]
#[diesel(table_name = watchlist_items, treat_none_as_default_value = false)]
struct Insert<'a> {
    watchlist_id: &'a str,
    symbol: &'a str,
    position: i32,
    note: Option<&'a str>,
    flag: Option<&'a str>,
    section: Option<&'a str>,
    added_at: NaiveDateTime,
}

/// The items of a list, in its order. The caller has found the list to be its owner's.
pub(super) fn list(connection: &mut DbConnection, id: &WatchlistId) -> Result<Vec<WatchlistItem>> {
    let rows: Vec<(Row, security::Row)> = watchlist_items::table
        .inner_join(securities::table)
        .filter(watchlist_items::watchlist_id.eq(id.as_str()))
        .order(watchlist_items::position)
        .select((Row::as_select(), security::Row::as_select()))
        .load(connection)?;
    rows.into_iter().map(|(row, security)| row.into_item(security)).collect()
}

/// The items of one symbol on all lists of this owner, each with its list's id, in no order.
pub(super) fn list_of_symbol(
    connection: &mut DbConnection,
    owner: &UserId,
    symbol: Symbol,
) -> Result<Vec<(String, WatchlistItem)>> {
    let rows: Vec<(String, Row, security::Row)> = watchlist_items::table
        .inner_join(securities::table)
        .inner_join(watchlists::table)
        .filter(watchlists::user_id.eq(owner.as_str()))
        .filter(watchlist_items::symbol.eq(symbol.as_str()))
        .select((watchlist_items::watchlist_id, Row::as_select(), security::Row::as_select()))
        .load(connection)?;
    rows.into_iter().map(|(list, row, security)| Ok((list, row.into_item(security)?))).collect()
}

/// One item of a list.
pub fn find(connection: &mut DbConnection, list: &Locked, symbol: Symbol) -> Result<WatchlistItem> {
    let row: Option<(Row, security::Row)> = watchlist_items::table
        .inner_join(securities::table)
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .filter(watchlist_items::symbol.eq(symbol.as_str()))
        .select((Row::as_select(), security::Row::as_select()))
        .first(connection)
        .optional()?;
    let (row, security) = row.ok_or(Error::NotFound("item on this list"))?;
    row.into_item(security)
}

/// Puts a symbol on the list: at its position, or at the end.
pub fn add(connection: &mut DbConnection, list: &Locked, item: &AddItem) -> Result<WatchlistItem> {
    if place_of(connection, list, item.symbol)?.is_some() {
        return Err(Error::AlreadyOnList(item.symbol));
    }
    let count = count(connection, list)?;
    if count as usize >= MAX_ITEMS {
        return Err(Error::TooManyItems(MAX_ITEMS));
    }
    let position = item.position.and_then(|wish| i32::try_from(wish).ok()).map_or(count, |wish| wish.min(count));
    shift(connection, list, position, count, 1)?;
    insert(connection, list, item, position, columns::now())?;
    find(connection, list, item.symbol)
}

/// The symbols of a list, in its order.
pub fn symbols(connection: &mut DbConnection, list: &Held) -> Result<Vec<Symbol>> {
    let symbols: Vec<String> = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .order(watchlist_items::position)
        .select(watchlist_items::symbol)
        .load(connection)?;
    symbols.iter().map(|symbol| columns::parse("watchlist_items.symbol", symbol)).collect()
}

/// Puts symbols on the list that are not on it yet and for which there is room: one after the other, each at its
/// position or at the end. Where each will stand is known before the first is written.
pub fn add_all(connection: &mut DbConnection, list: &Locked, items: &[AddItem]) -> Result<()> {
    let count = count(connection, list)?;
    let mut order: Vec<Place> = (0..count).map(Place::Was).collect();
    for (at, item) in items.iter().enumerate() {
        let wish = item.position.map_or(order.len(), |wish| order.len().min(wish as usize));
        order.insert(wish, Place::New(at));
    }
    for Run { from, to, by } in runs_that_move(&order).into_iter().rev() {
        shift(connection, list, from, to, by)?;
    }
    let now = columns::now();
    for (position, place) in (0i32..).zip(&order) {
        if let Place::New(at) = place {
            insert(connection, list, &items[*at], position, now)?;
        }
    }
    Ok(())
}

/// Who stands at a place: an item that has stood somewhere before, or one of the new ones.
#[derive(Clone, Copy, Debug)]
enum Place {
    Was(i32),
    New(usize),
}

/// Items that stood beside each other at `from..to` and move by as much.
#[derive(Debug, PartialEq, Eq)]
struct Run {
    from: i32,
    to: i32,
    by: i32,
}

/// The runs of items that move to make room, in their order. Moved from the last to the first, none ever stands where
/// another one of them still is.
fn runs_that_move(order: &[Place]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (position, place) in (0i32..).zip(order) {
        let Place::Was(was) = *place else { continue };
        let by = position - was;
        match runs.last_mut() {
            Some(run) if run.to == was && run.by == by => run.to += 1,
            _ if by > 0 => runs.push(Run { from: was, to: was + 1, by }),
            _ => {}
        }
    }
    runs
}

/// Changes an item's texts and marks, and moves it.
pub fn change(connection: &mut DbConnection, list: &Locked, symbol: Symbol, patch: ItemPatch) -> Result<WatchlistItem> {
    let from = place_of(connection, list, symbol)?.ok_or(Error::NotFound("item on this list"))?;
    let item = watchlist_items::table.find((list.id().as_str(), symbol.as_str()));
    if let Some(note) = patch.note.into_change() {
        let note = note.as_ref().map(|note| note.as_str());
        diesel::update(item).set(watchlist_items::note.eq(note)).execute(connection)?;
    }
    if let Some(flag) = patch.flag.into_change() {
        diesel::update(item).set(watchlist_items::flag.eq(flag.map(Flag::as_str))).execute(connection)?;
    }
    if let Some(section) = patch.section.into_change() {
        let section = section.as_ref().map(|section| section.as_str());
        diesel::update(item).set(watchlist_items::section.eq(section)).execute(connection)?;
    }
    if let Some(wish) = patch.position {
        let last = count(connection, list)? - 1;
        let to = i32::try_from(wish).map_or(last, |wish| wish.min(last));
        if to < from {
            shift(connection, list, to, from, 1)?;
        } else {
            shift(connection, list, from + 1, to + 1, -1)?;
        }
        diesel::update(item).set(watchlist_items::position.eq(to)).execute(connection)?;
    }
    find(connection, list, symbol)
}

/// Takes a symbol from the list.
pub fn remove(connection: &mut DbConnection, list: &Locked, symbol: Symbol) -> Result<()> {
    let place = place_of(connection, list, symbol)?.ok_or(Error::NotFound("item on this list"))?;
    let end = count(connection, list)?;
    diesel::delete(watchlist_items::table.find((list.id().as_str(), symbol.as_str()))).execute(connection)?;
    shift(connection, list, place + 1, end, -1)
}

/// Puts the list in this order. [`Error::OrderMismatch`] unless it names each of the list's symbols once.
pub fn reorder(connection: &mut DbConnection, list: &Locked, symbols: &[Symbol]) -> Result<()> {
    let current: HashSet<String> = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .select(watchlist_items::symbol)
        .load(connection)?
        .into_iter()
        .collect();
    let wanted: HashSet<&str> = symbols.iter().map(Symbol::as_str).collect();
    let same = wanted.len() == symbols.len()
        && wanted.len() == current.len()
        && wanted.iter().all(|symbol| current.contains(*symbol));
    if !same {
        return Err(Error::OrderMismatch);
    }
    for (position, symbol) in (0i32..).zip(symbols) {
        diesel::update(watchlist_items::table.find((list.id().as_str(), symbol.as_str())))
            .set(watchlist_items::position.eq(position))
            .execute(connection)?;
    }
    Ok(())
}

fn insert(
    connection: &mut DbConnection,
    list: &Locked,
    item: &AddItem,
    position: i32,
    added_at: NaiveDateTime,
) -> Result<()> {
    diesel::insert_into(watchlist_items::table)
        .values(Insert {
            watchlist_id: list.id().as_str(),
            symbol: item.symbol.as_str(),
            position,
            note: item.note.as_ref().map(|note| note.as_str()),
            flag: item.flag.map(Flag::as_str),
            section: item.section.as_ref().map(|section| section.as_str()),
            added_at,
        })
        .execute(connection)?;
    Ok(())
}

fn place_of(connection: &mut DbConnection, list: &Locked, symbol: Symbol) -> Result<Option<i32>> {
    let item = watchlist_items::table.find((list.id().as_str(), symbol.as_str()));
    Ok(item.select(watchlist_items::position).first(connection).optional()?)
}

fn count(connection: &mut DbConnection, list: &Locked) -> Result<i32> {
    let count: i64 = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .count()
        .get_result(connection)?;
    i32::try_from(count).map_err(|_| Error::Corrupt(format!("a list has {count} items")))
}

/// Moves the items at `from..to` by one place.
fn shift(connection: &mut DbConnection, list: &Locked, from: i32, to: i32, by: i32) -> Result<()> {
    let between = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .filter(watchlist_items::position.ge(from))
        .filter(watchlist_items::position.lt(to));
    diesel::update(between).set(watchlist_items::position.eq(watchlist_items::position + by)).execute(connection)?;
    Ok(())
}
