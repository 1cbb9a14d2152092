//! Guests: accounts without an address and a password, until they are kept or forgotten. Everything else about them is
//! as it is of any account.

use super::list_lock::{self, Expected};
use super::schema::{sessions, users};
use super::{DbConnection, Error, Result, columns, item, user, watchlist};
use chrono::TimeDelta;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::{DisplayName, ListName};
use watchtape_shared::watchlist::AddItem;
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// How long a guest is remembered of whom no device is seen. One whose devices are all signed out has no way back.
pub const REMEMBERED: TimeDelta = TimeDelta::days(7);

/// Any number that no other lock of the same database has.
const POSTGRES_LOCK: i64 = 0x6775_6573_7473;

/// A guest to be let in.
#[derive(Clone, Debug)]
pub struct NewGuest {
    /// The account's id.
    pub id: UserId,
    /// How the guest is called at first.
    pub display_name: DisplayName,
    /// The id of the list that the account begins with.
    pub first_list: WatchlistId,
    /// What that list is called.
    pub list_name: ListName,
    /// What is on it.
    pub symbols: Vec<Symbol>,
}

/// What makes a guest's account one to stay.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Its address from now on.
    pub email: Email,
    /// The PHC string of its password.
    pub password_hash: String,
    /// How the person wants to be called; none: as so far.
    pub display_name: Option<DisplayName>,
}

/// How many guests there are.
pub fn count(connection: &mut DbConnection) -> Result<u32> {
    let count = users::table.filter(users::email.is_null()).count().get_result::<i64>(connection)?;
    columns::unsigned("count of guests", count)
}

/// Lets a guest in, with a first list. [`Error::TooManyGuests`] where there are `most` already.
pub fn create(connection: &mut DbConnection, new: &NewGuest, most: u32) -> Result<User> {
    take_turn(connection)?;
    if count(connection)? >= most {
        return Err(Error::TooManyGuests(most));
    }
    let user = user::insert(connection, &new.id, &new.display_name, None)?;
    watchlist::create(connection, &new.id, &new.first_list, &new.list_name)?;
    let list = list_lock::lock(connection, &new.id, &new.first_list, &Expected::Any)?;
    let plain = |symbol: &Symbol| AddItem { symbol: *symbol, note: None, flag: None, section: None, position: None };
    item::add_all(connection, &list, &new.symbols.iter().map(plain).collect::<Vec<_>>())?;
    Ok(user)
}

/// Has guests counted by one transaction at a time. SQLite has one that writes anyway.
fn take_turn(connection: &mut DbConnection) -> Result<()> {
    if let DbConnection::Postgres(postgres) = connection {
        let lock = diesel::sql_query("SELECT pg_advisory_xact_lock($1)").bind::<BigInt, _>(POSTGRES_LOCK);
        lock.execute(postgres)?;
    }
    Ok(())
}

/// Gives a guest's account an address and a password. [`Error::EmailTaken`] where the address has an account,
/// [`Error::NotAGuest`] where this one has an address.
pub fn keep(connection: &mut DbConnection, id: &UserId, keeping: &Keeping) -> Result<User> {
    let guest = users::table.find(id.as_str()).filter(users::email.is_null());
    let kept = diesel::update(guest)
        .set((
            users::email.eq(Some(keeping.email.as_str())),
            users::password_hash.eq(Some(keeping.password_hash.as_str())),
            users::updated_at.eq(columns::now()),
        ))
        .execute(connection)?;
    if kept == 0 {
        return Err(Error::NotAGuest);
    }
    if let Some(name) = &keeping.display_name {
        diesel::update(users::table.find(id.as_str()))
            .set(users::display_name.eq(name.as_str()))
            .execute(connection)?;
    }
    user::find(connection, id)
}

/// [`Error::Guest`] for what only an account with a password may do.
pub fn refuse(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    if user::find(connection, id)?.guest { Err(Error::Guest) } else { Ok(()) }
}

/// [`Error::NotAGuest`] for what an account may do for as long as it has no password.
pub fn require(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    if user::find(connection, id)?.guest { Ok(()) } else { Err(Error::NotAGuest) }
}

/// Forgets the guests of whom no device has been seen for [`REMEMBERED`], with every row that is theirs.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let seen = sessions::table
        .filter(sessions::user_id.eq(users::id))
        .filter(sessions::rotated_at.ge(columns::now() - REMEMBERED));
    let forgotten = users::table.filter(users::email.is_null()).filter(not(exists(seen)));
    Ok(diesel::delete(forgotten).execute(connection)?)
}
