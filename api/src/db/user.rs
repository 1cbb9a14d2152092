//! Accounts: lookup by id and address, password hashes, and the row lock of an account.

use super::schema::users;
use super::{DbConnection, Error, Result, columns};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use std::collections::HashSet;
use watchtape_shared::UserId;
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::DisplayName;

#[derive(Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
struct Insert<'a> {
    id: &'a str,
    email: Option<&'a str>,
    display_name: &'a str,
    password_hash: Option<&'a str>,
    created_at: NaiveDateTime,
    updated_at: NaiveDateTime,
}

/// An account that has a password, with what sign-in needs.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The account.
    pub user: User,
    /// Its address.
    pub email: Email,
    /// The PHC string of its password.
    pub password_hash: String,
    /// False for a disabled account.
    pub enabled: bool,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
pub(super) struct Row {
    id: String,
    email: Option<String>,
    display_name: String,
    password_hash: Option<String>,
    disabled_at: Option<NaiveDateTime>,
    created_at: NaiveDateTime,
}

impl Row {
    pub(super) fn into_user(self) -> Result<User> {
        Ok(User {
            id: columns::parse("users.id", &self.id)?,
            email: columns::stored_optional("users.email", self.email.as_deref())?,
            display_name: columns::stored("users.display_name", &self.display_name)?,
            guest: self.email.is_none(),
            created_at: columns::utc(self.created_at),
        })
    }

    /// `None` for a guest, who has no password.
    pub(super) fn into_credentials(mut self) -> Result<Option<Credentials>> {
        let (enabled, password_hash) = (self.disabled_at.is_none(), self.password_hash.take());
        let user = self.into_user()?;
        let credentials = user.email.clone().zip(password_hash);
        Ok(credentials.map(|(email, password_hash)| Credentials { user, email, password_hash, enabled }))
    }
}

/// Inserts an account without lists: registered with this address and password hash, or a guest without them.
pub(super) fn insert(
    connection: &mut DbConnection,
    id: &UserId,
    display_name: &DisplayName,
    credentials: Option<(&Email, &str)>,
) -> Result<User> {
    let now = columns::now();
    diesel::insert_into(users::table)
        .values(Insert {
            id: id.as_str(),
            email: credentials.map(|(email, _)| email.as_str()),
            display_name: display_name.as_str(),
            password_hash: credentials.map(|(_, password_hash)| password_hash),
            created_at: now,
            updated_at: now,
        })
        .execute(connection)?;
    Ok(User {
        id: id.clone(),
        email: credentials.map(|(email, _)| email.clone()),
        display_name: display_name.clone(),
        guest: credentials.is_none(),
        created_at: columns::utc(now),
    })
}

/// Which of these accounts exist.
pub fn existing(connection: &mut DbConnection, ids: &[UserId]) -> Result<HashSet<UserId>> {
    let found: Vec<String> =
        users::table.filter(users::id.eq_any(ids.iter().map(UserId::as_str))).select(users::id).load(connection)?;
    found.iter().map(|id| columns::parse("users.id", id)).collect()
}

/// The account of an address, disabled ones included.
pub fn find_by_email(connection: &mut DbConnection, email: &Email) -> Result<Option<Credentials>> {
    let row = users::table.filter(users::email.eq(email.as_str())).select(Row::as_select()).first(connection);
    let row = match row.optional()? {
        None => find_row_by_former_spelling(connection, email)?,
        found => found,
    };
    Ok(row.map(Row::into_credentials).transpose()?.flatten())
}

/// [`Error::EmailTaken`] where another account has the address in a spelling of an older version, of which the database's
/// constraint knows nothing.
pub(super) fn require_free(connection: &mut DbConnection, id: &UserId, email: &Email) -> Result<()> {
    let taken = find_row_by_former_spelling(connection, email)?.is_some_and(|row| row.id != id.as_str());
    if taken { Err(Error::EmailTaken) } else { Ok(()) }
}

/// The account whose address an older version stored in another spelling.
fn find_row_by_former_spelling(connection: &mut DbConnection, email: &Email) -> Result<Option<Row>> {
    if email.as_str().is_ascii() {
        return Ok(None);
    }
    let former = users::email.eq_any(email.former_spellings());
    let row = users::table.filter(former).order(users::created_at).select(Row::as_select()).first(connection);
    Ok(row.optional()?)
}

/// The account of an id. [`Error::NotFound`] where there is none.
pub fn find(connection: &mut DbConnection, id: &UserId) -> Result<User> {
    find_row(connection, id)?.into_user()
}

/// The account of an id, with its password hash; `None` for a guest.
pub fn find_credentials(connection: &mut DbConnection, id: &UserId) -> Result<Option<Credentials>> {
    find_row(connection, id)?.into_credentials()
}

fn find_row(connection: &mut DbConnection, id: &UserId) -> Result<Row> {
    let row = users::table.find(id.as_str()).select(Row::as_select()).first(connection).optional()?;
    row.ok_or(Error::NotFound("account"))
}

/// Locks the account's row until the end of the transaction. False where the password hash has changed or the account
/// is disabled.
pub fn lock_with_password(connection: &mut DbConnection, id: &UserId, password_hash: &str) -> Result<bool> {
    let mine = users::table
        .find(id.as_str())
        .filter(users::password_hash.eq(password_hash))
        .filter(users::disabled_at.is_null());
    Ok(diesel::update(mine).set(users::updated_at.eq(columns::now())).execute(connection)? == 1)
}

/// Replaces the password hash, of a new password or of the same one with new parameters.
pub fn set_password(connection: &mut DbConnection, id: &UserId, password_hash: &str) -> Result<()> {
    diesel::update(users::table.find(id.as_str()))
        .set((users::password_hash.eq(password_hash), users::updated_at.eq(columns::now())))
        .execute(connection)?;
    Ok(())
}

/// Locks the account's row until the end of the transaction. Limits of an account are counted under this lock.
/// [`Error::NotFound`] where there is none.
pub fn lock(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    let found =
        diesel::update(users::table.find(id.as_str())).set(users::updated_at.eq(columns::now())).execute(connection)?;
    if found == 1 { Ok(()) } else { Err(Error::NotFound("account")) }
}

/// Adds the last version of a list of this account that is deleted, so that the version of the set of its lists goes on rising. The
/// account is locked.
pub(super) fn count_deleted_list(connection: &mut DbConnection, id: &UserId, version: u64) -> Result<()> {
    let version = i64::try_from(version).map_err(|_| Error::Corrupt(format!("a list is at version {version}")))?;
    diesel::update(users::table.find(id.as_str()))
        .set(users::deleted_list_versions.eq(users::deleted_list_versions + version))
        .execute(connection)?;
    Ok(())
}
