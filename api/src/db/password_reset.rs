//! Links by which a new password is set: the hash of each one's token, until it is used or has expired.

use super::schema::{password_resets, users};
use super::user::{self, Credentials};
use super::{DbConnection, Result, columns};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::UserId;

#[derive(Insertable)]
#[diesel(table_name = password_resets)]
struct Insert<'a> {
    token_hash: &'a str,
    user_id: &'a str,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
}

/// Keeps the token of an account's new link; the account's older links are void from now on.
pub fn create(connection: &mut DbConnection, owner: &UserId, token_hash: &str, lifetime: TimeDelta) -> Result<()> {
    forget(connection, owner)?;
    let now = columns::now();
    let new = Insert { token_hash, user_id: owner.as_str(), created_at: now, expires_at: now + lifetime };
    diesel::insert_into(password_resets::table).values(new).execute(connection)?;
    Ok(())
}

/// Whose link has a token of this hash. None for one that is unknown, used or expired, or whose account is barred.
pub fn find_owner(connection: &mut DbConnection, token_hash: &str) -> Result<Option<Credentials>> {
    password_resets::table
        .inner_join(users::table)
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::expires_at.gt(columns::now()))
        .filter(users::disabled_at.is_null())
        .select(user::Row::as_select())
        .first::<user::Row>(connection)
        .optional()?
        .map(user::Row::into_credentials)
        .transpose()
        .map(Option::flatten)
}

/// Uses a link of this account up, and voids its others. False where another request has done so first.
pub fn take(connection: &mut DbConnection, owner: &UserId, token_hash: &str) -> Result<bool> {
    let link = password_resets::table
        .filter(password_resets::user_id.eq(owner.as_str()))
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::expires_at.gt(columns::now()));
    let taken = diesel::delete(link).execute(connection)?;
    forget(connection, owner)?;
    Ok(taken == 1)
}

/// Voids every link of this account.
pub fn forget(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    diesel::delete(password_resets::table.filter(password_resets::user_id.eq(owner.as_str()))).execute(connection)?;
    Ok(())
}

/// Forgets the links that have expired.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    Ok(diesel::delete(password_resets::table.filter(password_resets::expires_at.le(columns::now())))
        .execute(connection)?)
}
