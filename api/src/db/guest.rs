//! Guest accounts: accounts without an e-mail address and a password, until they register or are deleted for
//! inactivity. In all else they are ordinary accounts.

use super::list_lock::{self, Expected};
use super::schema::{sessions, users, watchlist_items, watchlists};
use super::{DbConnection, Error, Result, SWEEP_PORTION, alert, columns, item, user, watchlist};
use chrono::TimeDelta;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::{DisplayName, ListName};
use watchtape_shared::watchlist::AddItem;
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// A guest without a session that was refreshed within this time is deleted. A guest whose sessions have all ended
/// cannot sign in again.
pub const INACTIVITY_LIMIT: TimeDelta = TimeDelta::days(7);

/// Once so many items of lists are deleted, a portion of a sweep ends.
const SWEEP_ITEMS: usize = 1_000;

/// Key of the advisory lock: any number that no other lock of the database has.
const POSTGRES_LOCK: i64 = 0x6775_6573_7473;

/// A guest to be inserted.
#[derive(Clone, Debug)]
pub struct NewGuest {
    /// The account's id.
    pub id: UserId,
    /// The display name.
    pub display_name: DisplayName,
    /// The id of the first list.
    pub first_list: WatchlistId,
    /// That list's name.
    pub list_name: ListName,
    /// The symbols on it.
    pub symbols: Vec<Symbol>,
}

/// What a guest registers with.
#[derive(Clone, Debug)]
pub struct GuestUpgrade {
    /// The e-mail address.
    pub email: Email,
    /// The PHC string of the password.
    pub password_hash: String,
    /// The new display name; `None`: it stays.
    pub display_name: Option<DisplayName>,
}

/// The number of guests.
pub fn count(connection: &mut DbConnection) -> Result<u32> {
    let count = users::table.filter(users::email.is_null()).count().get_result::<i64>(connection)?;
    columns::unsigned("count of guests", count)
}

/// Inserts a guest with a first list. [`Error::TooManyGuests`] where there are `max` already.
pub fn create(connection: &mut DbConnection, new: &NewGuest, max: u32) -> Result<User> {
    lock_count(connection)?;
    if count(connection)? >= max {
        return Err(Error::TooManyGuests(max));
    }
    let user = user::insert(connection, &new.id, &new.display_name, None)?;
    watchlist::create(connection, &new.id, &new.first_list, &new.list_name)?;
    let mut list = list_lock::lock(connection, &new.id, &new.first_list, &Expected::Any)?;
    let items: Vec<AddItem> = new.symbols.iter().copied().map(AddItem::at_end).collect();
    item::add_all(connection, &mut list, &[], &items)?;
    Ok(user)
}

/// Lets one transaction at a time count and insert guests. SQLite has one writer anyway.
fn lock_count(connection: &mut DbConnection) -> Result<()> {
    if let DbConnection::Postgres(postgres) = connection {
        let lock = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(POSTGRES_LOCK);
        lock.execute(postgres)?;
    }
    Ok(())
}

/// Registers a guest: sets an address and a password. [`Error::EmailTaken`] where the address has an account,
/// [`Error::NotAGuest`] where this account is registered already.
pub fn upgrade(connection: &mut DbConnection, id: &UserId, upgrade: &GuestUpgrade) -> Result<User> {
    let guest = users::table.find(id.as_str()).filter(users::email.is_null());
    let updated = diesel::update(guest)
        .set((
            users::email.eq(Some(upgrade.email.as_str())),
            users::password_hash.eq(Some(upgrade.password_hash.as_str())),
            users::updated_at.eq(columns::now()),
        ))
        .execute(connection)?;
    if updated == 0 {
        return Err(Error::NotAGuest);
    }
    user::require_free(connection, id, &upgrade.email)?;
    if let Some(name) = &upgrade.display_name {
        diesel::update(users::table.find(id.as_str()))
            .set(users::display_name.eq(name.as_str()))
            .execute(connection)?;
    }
    user::find(connection, id)
}

/// [`Error::Guest`] if the account is a guest.
pub fn require_registered(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    if user::find(connection, id)?.guest { Err(Error::Guest) } else { Ok(()) }
}

/// [`Error::NotAGuest`] if the account is not a guest.
pub fn require_guest(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    if user::find(connection, id)?.guest { Ok(()) } else { Err(Error::NotAGuest) }
}

/// Deletes a portion of the guests without a session refreshed within [`INACTIVITY_LIMIT`]: first of their lists, until
/// [`SWEEP_ITEMS`] items are gone, and once they have none, the accounts with all of their rows. Returns how many guests and lists.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<(usize, usize)> {
    let recent = sessions::table
        .filter(sessions::user_id.eq(users::id))
        .filter(sessions::rotated_at.ge(columns::now() - INACTIVITY_LIMIT));
    let inactive: Vec<String> = users::table
        .filter(users::email.is_null())
        .filter(not(exists(recent)))
        .limit(SWEEP_PORTION)
        .select(users::id)
        .load(connection)?;
    let lists: Vec<String> = watchlists::table
        .filter(watchlists::user_id.eq_any(&inactive))
        .limit(SWEEP_PORTION)
        .select(watchlists::id)
        .load(connection)?;
    if lists.is_empty() {
        alert::note_deletion_of_all(connection, &inactive.iter().map(String::as_str).collect::<Vec<_>>())?;
        return Ok((diesel::delete(users::table.filter(users::id.eq_any(inactive))).execute(connection)?, 0));
    }
    let (mut swept, mut items) = (0, 0);
    for list in lists {
        let of_list = watchlist_items::table.filter(watchlist_items::watchlist_id.eq(&list));
        items += diesel::delete(of_list).execute(connection)?;
        swept += diesel::delete(watchlists::table.find(&list)).execute(connection)?;
        if items >= SWEEP_ITEMS {
            break;
        }
    }
    Ok((0, swept))
}
