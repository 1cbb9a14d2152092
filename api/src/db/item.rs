//! The items of one watchlist. Their positions are 0, 1, 2, … without gaps.
//!
//! Changes take a [`Locked`] list, which only its owner can obtain.

use super::list_lock::Locked;
use super::schema::{securities, watchlist_items, watchlists};
use super::{DbConnection, Error, Result, columns, security};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashSet;
use watchtape_shared::watchlist::{
    AddItem, Flag, ItemPatch, MAX_ITEMS, MAX_LIST_TEXT_BYTES, MoveItems, WatchlistItem, text_bytes,
};
use watchtape_shared::{Patch, Symbol, UserId, WatchlistId};

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
            delisted: security.is_delisted,
            currency: columns::parse("securities.currency", &security.currency)?,
            position: columns::unsigned("watchlist_items.position", self.position)?,
            note: columns::stored_optional("watchlist_items.note", self.note.as_deref())?,
            flag: self.flag.as_deref().map(parse_flag).transpose()?,
            section: columns::stored_optional("watchlist_items.section", self.section.as_deref())?,
            added_at: columns::utc(self.added_at),
            quote: None,
            alert_count: None,
        })
    }
}

/// The most exchanges of an account's items that are told.
const MAX_EXCHANGES: i64 = 20;

/// The market identifier codes of the exchanges where the securities on an account's lists are listed.
pub fn exchanges_of(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<String>> {
    let mics: Vec<Option<String>> = watchlist_items::table
        .inner_join(watchlists::table)
        .inner_join(securities::table)
        .filter(watchlists::user_id.eq(owner.as_str()))
        .filter(securities::mic.is_not_null())
        .select(securities::mic)
        .distinct()
        .limit(MAX_EXCHANGES)
        .load(connection)?;
    Ok(mics.into_iter().flatten().collect())
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

/// The items of a list, in its order. The caller has checked the owner.
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

/// One item of this owner's list, with the list's version. Two queries: call it in a snapshot. [`Error::NotFound`] where
/// this owner has no such list, or the symbol is not on it.
pub fn find_owned(
    connection: &mut DbConnection,
    owner: &UserId,
    list: &WatchlistId,
    symbol: Symbol,
) -> Result<(WatchlistItem, u64)> {
    let version: Option<i64> = watchlists::table
        .filter(watchlists::user_id.eq(owner.as_str()))
        .filter(watchlists::id.eq(list.as_str()))
        .select(watchlists::version)
        .first(connection)
        .optional()?;
    let version = columns::unsigned("watchlists.version", version.ok_or(Error::NotFound("watchlist"))?)?;
    Ok((find_on(connection, list, symbol)?, version))
}

/// One item of a list. [`Error::NotFound`] where the symbol is not on it.
pub fn find(connection: &mut DbConnection, list: &Locked, symbol: Symbol) -> Result<WatchlistItem> {
    find_on(connection, list.id(), symbol)
}

fn find_on(connection: &mut DbConnection, list: &WatchlistId, symbol: Symbol) -> Result<WatchlistItem> {
    let row: Option<(Row, security::Row)> = watchlist_items::table
        .inner_join(securities::table)
        .filter(watchlist_items::watchlist_id.eq(list.as_str()))
        .filter(watchlist_items::symbol.eq(symbol.as_str()))
        .select((Row::as_select(), security::Row::as_select()))
        .first(connection)
        .optional()?;
    let (row, security) = row.ok_or(Error::NotFound("item on this list"))?;
    row.into_item(security)
}

/// Inserts an item at its place, or at the end. [`Error::AlreadyOnList`], [`Error::TooManyItems`], [`Error::TooMuchText`]
/// or [`Error::NeighbourNotOnList`].
pub fn add(connection: &mut DbConnection, list: &mut Locked, item: &AddItem) -> Result<WatchlistItem> {
    if position_of(connection, list, item.symbol)?.is_some() {
        return Err(Error::AlreadyOnList(item.symbol));
    }
    let count = count(connection, list)?;
    if count as usize >= MAX_ITEMS {
        return Err(Error::TooManyItems(MAX_ITEMS));
    }
    let position = requested_place(connection, list, item.after, item.position)?
        .map_or(count, |place| place.index(None).min(count));
    let text = item.text_bytes();
    if text > 0 && list_text_bytes(connection, list.id())? + text > MAX_LIST_TEXT_BYTES {
        return Err(Error::TooMuchText);
    }
    list.count_change(connection)?;
    shift(connection, list, position, count, 1)?;
    insert(connection, list, item, position, columns::now())?;
    find(connection, list, item.symbol)
}

/// The symbols of a list, in its order.
pub fn symbols(connection: &mut DbConnection, list: &Locked) -> Result<Vec<Symbol>> {
    symbols_of(connection, list.id())
}

fn symbols_of(connection: &mut DbConnection, list: &WatchlistId) -> Result<Vec<Symbol>> {
    let symbols: Vec<String> = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.as_str()))
        .order(watchlist_items::position)
        .select(watchlist_items::symbol)
        .load(connection)?;
    symbols.iter().map(|symbol| columns::parse("watchlist_items.symbol", symbol)).collect()
}

/// Inserts items one after the other, each at its place or at the end, into a list of these symbols. The caller has
/// checked that none is on the list and that the list has capacity. All final positions are computed before the first row
/// is written.
pub fn add_all(connection: &mut DbConnection, list: &mut Locked, symbols: &[Symbol], items: &[AddItem]) -> Result<()> {
    let symbol_of = |entry: &Entry| match *entry {
        Entry::Existing(at) => symbols[at as usize],
        Entry::New(at) => items[at].symbol,
    };
    let mut order: Vec<Entry> = (0i32..).zip(symbols).map(|(at, _)| Entry::Existing(at)).collect();
    for (at, item) in items.iter().enumerate() {
        let after = match item.after {
            Patch::Absent => None,
            Patch::Null => Some(0),
            Patch::Value(after) => order.iter().position(|entry| symbol_of(entry) == after).map(|before| before + 1),
        };
        let place = after.or(item.position.map(|position| position as usize)).unwrap_or(order.len());
        order.insert(place.min(order.len()), Entry::New(at));
    }
    list.count_change(connection)?;
    for MovedRange { from, to, by } in moved_ranges(&order).into_iter().rev() {
        shift(connection, list, from, to, by)?;
    }
    let now = columns::now();
    for (position, entry) in (0i32..).zip(&order) {
        if let Entry::New(at) = entry {
            insert(connection, list, &items[*at], position, now)?;
        }
    }
    Ok(())
}

/// An entry of the new order: an existing item, by its old position, or a new one, by its index.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Existing(i32),
    New(usize),
}

/// Adjacent items, at positions `from..to`, that move by the same distance.
#[derive(Debug, PartialEq, Eq)]
struct MovedRange {
    from: i32,
    to: i32,
    by: i32,
}

/// The ranges of existing items that move, in ascending order. Moved from the last to the first, no item takes a
/// position that is still occupied.
fn moved_ranges(order: &[Entry]) -> Vec<MovedRange> {
    let mut ranges: Vec<MovedRange> = Vec::new();
    for (position, entry) in (0i32..).zip(order) {
        let Entry::Existing(was) = *entry else { continue };
        let by = position - was;
        match ranges.last_mut() {
            Some(range) if range.to == was && range.by == by => range.to += 1,
            _ if by > 0 => ranges.push(MovedRange { from: was, to: was + 1, by }),
            _ => {}
        }
    }
    ranges
}

/// Changes an item's note, flag and section, and moves it; what it has and where it stands already is no change.
/// [`Error::NotFound`] where the symbol is not on the list, [`Error::TooMuchText`], [`Error::NeighbourNotOnList`] or
/// [`Error::AfterItself`]: roll back what it has written.
pub fn change(
    connection: &mut DbConnection,
    list: &mut Locked,
    symbol: Symbol,
    patch: ItemPatch,
) -> Result<WatchlistItem> {
    let before = find(connection, list, symbol)?;
    if patch.after == Patch::Value(symbol) {
        return Err(Error::AfterItself(symbol));
    }
    let note = patch.note.into_change().unwrap_or_else(|| before.note.clone());
    let flag = patch.flag.into_change().unwrap_or(before.flag);
    let section = patch.section.into_change().unwrap_or_else(|| before.section.clone());
    if (&note, flag, &section) != (&before.note, before.flag, &before.section) {
        let freed = text_bytes(before.note.as_ref(), before.section.as_ref());
        let needed = text_bytes(note.as_ref(), section.as_ref());
        // What makes the text less is taken even where the list has too much.
        if needed > freed && list_text_bytes(connection, list.id())? - freed + needed > MAX_LIST_TEXT_BYTES {
            return Err(Error::TooMuchText);
        }
        list.count_change(connection)?;
        diesel::update(watchlist_items::table.find((list.id().as_str(), symbol.as_str())))
            .set((
                watchlist_items::note.eq(note.as_ref().map(|note| note.as_str())),
                watchlist_items::flag.eq(flag.map(Flag::as_str)),
                watchlist_items::section.eq(section.as_ref().map(|section| section.as_str())),
            ))
            .execute(connection)?;
    }
    if let Some(place) = requested_place(connection, list, patch.after, patch.position)? {
        let from = i32::try_from(before.position).unwrap_or(i32::MAX);
        let last = count(connection, list)? - 1;
        let to = place.index(Some(from)).min(last);
        if to != from {
            list.count_change(connection)?;
            if to < from {
                shift(connection, list, to, from, 1)?;
            } else {
                shift(connection, list, from + 1, to + 1, -1)?;
            }
            diesel::update(watchlist_items::table.find((list.id().as_str(), symbol.as_str())))
                .set(watchlist_items::position.eq(to))
                .execute(connection)?;
        }
    }
    find(connection, list, symbol)
}

/// Removes a symbol from the list. [`Error::NotFound`] where it is not on it.
pub fn remove(connection: &mut DbConnection, list: &mut Locked, symbol: Symbol) -> Result<()> {
    let position = position_of(connection, list, symbol)?.ok_or(Error::NotFound("item on this list"))?;
    let end = count(connection, list)?;
    list.count_change(connection)?;
    diesel::delete(watchlist_items::table.find((list.id().as_str(), symbol.as_str()))).execute(connection)?;
    shift(connection, list, position + 1, end, -1)
}

/// Puts the list in this order. [`Error::OrderMismatch`] unless it names each of the list's symbols once.
pub fn reorder(connection: &mut DbConnection, list: &mut Locked, symbols: &[Symbol]) -> Result<()> {
    let current = symbols_of(connection, list.id())?;
    let wanted: HashSet<&Symbol> = symbols.iter().collect();
    let same = symbols.len() == current.len()
        && wanted.len() == current.len()
        && current.iter().all(|symbol| wanted.contains(symbol));
    if !same {
        return Err(Error::OrderMismatch);
    }
    set_positions(connection, list, &current, symbols)
}

/// Moves items together: they stand in this order after another symbol, or at the top. [`Error::NotOnList`],
/// [`Error::NeighbourNotOnList`], [`Error::AfterItself`] or [`Error::MovedTwice`].
pub fn move_all(connection: &mut DbConnection, list: &mut Locked, request: &MoveItems) -> Result<()> {
    let mut moved: HashSet<Symbol> = HashSet::new();
    if let Some(twice) = request.symbols.iter().find(|symbol| !moved.insert(**symbol)) {
        return Err(Error::MovedTwice(*twice));
    }
    if let Some(after) = request.after.filter(|after| moved.contains(after)) {
        return Err(Error::AfterItself(after));
    }
    let current = symbols_of(connection, list.id())?;
    let (taken, mut order): (Vec<Symbol>, Vec<Symbol>) =
        current.iter().copied().partition(|symbol| moved.contains(symbol));
    if let Some(unknown) = request.symbols.iter().find(|symbol| !taken.contains(symbol)) {
        return Err(Error::NotOnList(*unknown));
    }
    let at = match request.after {
        None => 0,
        Some(after) => {
            let before = order.iter().position(|symbol| *symbol == after);
            before.ok_or(Error::NeighbourNotOnList(after))? + 1
        }
    };
    order.splice(at..at, request.symbols.iter().copied());
    set_positions(connection, list, &current, &order)
}

/// Puts a list that has the order `from` in the order `to`; rows that have their position are not written.
fn set_positions(connection: &mut DbConnection, list: &mut Locked, from: &[Symbol], to: &[Symbol]) -> Result<()> {
    if from != to {
        list.count_change(connection)?;
    }
    for (position, (_, symbol)) in (0i32..).zip(from.iter().zip(to)).filter(|(_, (old, new))| old != new) {
        diesel::update(watchlist_items::table.find((list.id().as_str(), symbol.as_str())))
            .set(watchlist_items::position.eq(position))
            .execute(connection)?;
    }
    Ok(())
}

/// A place on a list as a client names it.
enum Place {
    /// After the item at this position.
    After(i32),
    /// At this position; past the end means the end.
    At(i32),
}

impl Place {
    /// The index in the list, from which an item that moves has been taken at `from`.
    fn index(&self, from: Option<i32>) -> i32 {
        match *self {
            Self::At(position) => position,
            Self::After(before) if from.is_some_and(|from| from < before) => before,
            Self::After(before) => before + 1,
        }
    }
}

/// The place that `after` and `position` name: `position` counts where `after` is absent or not on the list.
fn requested_place(
    connection: &mut DbConnection,
    list: &Locked,
    after: Patch<Symbol>,
    position: Option<u32>,
) -> Result<Option<Place>> {
    let at = position.map(|position| Place::At(i32::try_from(position).unwrap_or(i32::MAX)));
    match after {
        Patch::Absent => Ok(at),
        Patch::Null => Ok(Some(Place::At(0))),
        Patch::Value(after) => match position_of(connection, list, after)? {
            Some(before) => Ok(Some(Place::After(before))),
            None if at.is_some() => Ok(at),
            None => Err(Error::NeighbourNotOnList(after)),
        },
    }
}

/// The bytes of all notes and sections of a list.
pub fn list_text_bytes(connection: &mut DbConnection, list: &WatchlistId) -> Result<usize> {
    let texts: Vec<(Option<String>, Option<String>)> = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.as_str()))
        .filter(watchlist_items::note.is_not_null().or(watchlist_items::section.is_not_null()))
        .select((watchlist_items::note, watchlist_items::section))
        .load(connection)?;
    Ok(texts.iter().flat_map(|(note, section)| [note, section]).flatten().map(String::len).sum())
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

fn position_of(connection: &mut DbConnection, list: &Locked, symbol: Symbol) -> Result<Option<i32>> {
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

/// Adds `by` to the positions `from..to`.
fn shift(connection: &mut DbConnection, list: &Locked, from: i32, to: i32, by: i32) -> Result<()> {
    let between = watchlist_items::table
        .filter(watchlist_items::watchlist_id.eq(list.id().as_str()))
        .filter(watchlist_items::position.ge(from))
        .filter(watchlist_items::position.lt(to));
    diesel::update(between).set(watchlist_items::position.eq(watchlist_items::position + by)).execute(connection)?;
    Ok(())
}
