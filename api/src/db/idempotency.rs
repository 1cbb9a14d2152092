//! Answers that are kept for a request that is sent again, each under its owner and the key that the owner chose.
//!
//! [`claim`] comes before the effect and [`settle`] after it, in the effect's own transaction: both are there or
//! neither. Claiming first makes the same request on another node wait for this one before it does anything.

use super::schema::idempotency_keys;
use super::{DbConnection, Error, Result, columns};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::UserId;

/// How long an answer is kept.
pub const KEPT: TimeDelta = TimeDelta::hours(24);
/// How many answers of an account are kept, and how large each may be.
const MOST_KEPT: i64 = 1_000;
const MAX_BODY_BYTES: usize = 128 * 1024;

/// What a request was answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Where that is which was made.
    pub location: Option<String>,
    /// Its entity tag.
    pub etag: Option<String>,
    /// The body.
    pub body: String,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = idempotency_keys)]
struct Row {
    request_hash: String,
    status: i32,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    created_at: NaiveDateTime,
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys, treat_none_as_default_value = false)]
struct Insert<'a> {
    user_id: &'a str,
    idempotency_key: &'a str,
    request_hash: &'a str,
    status: i32,
    location: Option<&'a str>,
    etag: Option<&'a str>,
    body: &'a str,
    created_at: NaiveDateTime,
}

/// The answer to this request of this owner's, if it has been answered within [`KEPT`].
/// [`Error::IdempotencyKeyReused`] where the key stands for another request.
pub fn find(connection: &mut DbConnection, owner: &UserId, key: &str, request_hash: &str) -> Result<Option<Answer>> {
    let place = idempotency_keys::table.find((owner.as_str(), key));
    let Some(row) = place.select(Row::as_select()).first(connection).optional()? else { return Ok(None) };
    if row.created_at < columns::now() - KEPT {
        return Ok(None);
    }
    if row.request_hash != request_hash {
        return Err(Error::IdempotencyKeyReused);
    }
    let status = columns::unsigned("idempotency_keys.status", row.status)?;
    Ok(Some(Answer { status, location: row.location, etag: row.etag, body: row.body }))
}

/// Takes the key for the request that this transaction carries out. Waits for another node's that has it, and is
/// [`Error::IdempotencyInProgress`] then: its answer is there to be found by a new transaction.
pub fn claim(connection: &mut DbConnection, owner: &UserId, key: &str, request_hash: &str) -> Result<()> {
    let mine = idempotency_keys::table.find((owner.as_str(), key));
    let expired = mine.filter(idempotency_keys::created_at.lt(columns::now() - KEPT));
    diesel::delete(expired).execute(connection)?;
    make_room(connection, owner)?;
    diesel::insert_into(idempotency_keys::table)
        .values(Insert {
            user_id: owner.as_str(),
            idempotency_key: key,
            request_hash,
            status: 0,
            location: None,
            etag: None,
            body: "",
            created_at: columns::now(),
        })
        .execute(connection)?;
    Ok(())
}

/// Forgets the account's oldest answer where it has as many as are kept.
fn make_room(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    let mine = idempotency_keys::table.filter(idempotency_keys::user_id.eq(owner.as_str()));
    if mine.count().get_result::<i64>(connection)? < MOST_KEPT {
        return Ok(());
    }
    let oldest = mine.order(idempotency_keys::created_at).select(idempotency_keys::idempotency_key);
    let oldest: String = oldest.first(connection)?;
    diesel::delete(idempotency_keys::table.find((owner.as_str(), &oldest))).execute(connection)?;
    Ok(())
}

/// Keeps the answer under the key that this transaction has claimed. [`Error::AnswerTooLarge`] where it is.
pub fn settle(connection: &mut DbConnection, owner: &UserId, key: &str, answer: &Answer) -> Result<()> {
    if answer.body.len() > MAX_BODY_BYTES {
        return Err(Error::AnswerTooLarge);
    }
    diesel::update(idempotency_keys::table.find((owner.as_str(), key)))
        .set((
            idempotency_keys::status.eq(i32::from(answer.status)),
            idempotency_keys::location.eq(answer.location.as_deref()),
            idempotency_keys::etag.eq(answer.etag.as_deref()),
            idempotency_keys::body.eq(&answer.body),
        ))
        .execute(connection)?;
    Ok(())
}

/// Forgets what has been kept for long enough. Tells how many.
pub fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let old = idempotency_keys::table.filter(idempotency_keys::created_at.lt(columns::now() - KEPT));
    Ok(diesel::delete(old).execute(connection)?)
}
