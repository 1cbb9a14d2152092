//! Password reset links: the hash of the token of each one, until it is used or has expired.

use super::schema::{password_resets, users};
use super::user::{self, Credentials};
use super::{DbConnection, Result, SWEEP_PORTION, columns};
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

/// Stores the token hash of a new link.
pub fn create(connection: &mut DbConnection, owner: &UserId, token_hash: &str, lifetime: TimeDelta) -> Result<()> {
    let now = columns::now();
    let new = Insert { token_hash, user_id: owner.as_str(), created_at: now, expires_at: now + lifetime };
    diesel::insert_into(password_resets::table).values(new).execute(connection)?;
    Ok(())
}

/// The account of the link with this token hash. `None` for a link that is unknown, used or expired, or whose account
/// is disabled or a guest.
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

/// Uses a link of this account, and revokes its others. False where the link is used or expired.
pub fn consume(connection: &mut DbConnection, owner: &UserId, token_hash: &str) -> Result<bool> {
    let link = password_resets::table
        .filter(password_resets::user_id.eq(owner.as_str()))
        .filter(password_resets::token_hash.eq(token_hash))
        .filter(password_resets::expires_at.gt(columns::now()));
    let deleted = diesel::delete(link).execute(connection)?;
    revoke_all(connection, owner)?;
    Ok(deleted == 1)
}

/// Revokes this link of the account.
pub fn revoke(connection: &mut DbConnection, owner: &UserId, token_hash: &str) -> Result<()> {
    let link = password_resets::table.filter(password_resets::user_id.eq(owner.as_str()));
    diesel::delete(link.filter(password_resets::token_hash.eq(token_hash))).execute(connection)?;
    Ok(())
}

/// Revokes every link of this account but this one.
pub fn revoke_others(connection: &mut DbConnection, owner: &UserId, token_hash: &str) -> Result<()> {
    let links = password_resets::table.filter(password_resets::user_id.eq(owner.as_str()));
    diesel::delete(links.filter(password_resets::token_hash.ne(token_hash))).execute(connection)?;
    Ok(())
}

/// Revokes every link of this account.
pub fn revoke_all(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    diesel::delete(password_resets::table.filter(password_resets::user_id.eq(owner.as_str()))).execute(connection)?;
    Ok(())
}

/// Deletes expired links; returns how many.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let expired: Vec<String> = password_resets::table
        .filter(password_resets::expires_at.le(columns::now()))
        .limit(SWEEP_PORTION)
        .select(password_resets::token_hash)
        .load(connection)?;
    Ok(diesel::delete(password_resets::table.filter(password_resets::token_hash.eq_any(expired)))
        .execute(connection)?)
}
