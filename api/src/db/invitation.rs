//! Invitations to open an account: the hash of the token of each one, until it is used or has expired.

use super::schema::invitations;
use super::{DbConnection, Error, Result, SWEEP_PORTION, columns};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::account::Email;

#[derive(Insertable)]
#[diesel(table_name = invitations, treat_none_as_default_value = false)]
struct Insert<'a> {
    token_hash: &'a str,
    email: Option<&'a str>,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
}

/// Stores the token hash of a new invitation, for this address or, without one, for anybody.
pub fn create(
    connection: &mut DbConnection,
    token_hash: &str,
    email: Option<&Email>,
    lifetime: TimeDelta,
) -> Result<()> {
    let now = columns::now();
    let new = Insert { token_hash, email: email.map(Email::as_str), created_at: now, expires_at: now + lifetime };
    diesel::insert_into(invitations::table).values(new).execute(connection)?;
    Ok(())
}

/// The invitation of this token, where this address can use it now.
#[diesel::dsl::auto_type]
fn usable<'a>(token_hash: &'a str, email: &'a str, now: NaiveDateTime) -> _ {
    invitations::table
        .filter(invitations::token_hash.eq(token_hash))
        .filter(invitations::expires_at.gt(now))
        .filter(invitations::email.is_null().or(invitations::email.eq(email)))
}

/// [`Error::InvitationInvalid`] unless the invitation can be used by this address now.
pub fn require(connection: &mut DbConnection, token_hash: &str, email: &Email) -> Result<()> {
    let found: i64 = usable(token_hash, email.as_str(), columns::now()).count().get_result(connection)?;
    if found == 1 { Ok(()) } else { Err(Error::InvitationInvalid) }
}

/// Uses an invitation, in the transaction of the account that is opened by it. [`Error::InvitationInvalid`] where it is
/// unknown, used, expired or for another address.
pub fn consume(connection: &mut DbConnection, token_hash: &str, email: &Email) -> Result<()> {
    let usable = usable(token_hash, email.as_str(), columns::now());
    if diesel::delete(usable).execute(connection)? == 1 { Ok(()) } else { Err(Error::InvitationInvalid) }
}

/// Deletes a portion of the expired invitations; returns how many.
pub(super) fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let expired: Vec<String> = invitations::table
        .filter(invitations::expires_at.le(columns::now()))
        .limit(SWEEP_PORTION)
        .select(invitations::token_hash)
        .load(connection)?;
    Ok(diesel::delete(invitations::table.filter(invitations::token_hash.eq_any(expired))).execute(connection)?)
}
