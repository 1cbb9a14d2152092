//! Stored answers for `Idempotency-Key`, by owner and key.
//!
//! [`claim`] comes before the effect and [`complete`] after it, in the transaction of the effect: both are committed or
//! neither. Claiming first makes a duplicate request on another node wait for this one.

use super::schema::idempotency_keys;
use super::{DbConnection, Error, Result, SWEEP_PORTION, columns};
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::UserId;

/// How long an answer is stored.
pub const RETENTION: TimeDelta = TimeDelta::hours(24);
/// Stored answers of an account; beyond that, the oldest is deleted.
const MAX_ANSWERS: i64 = 1_000;
/// Maximum size of a stored body.
const MAX_BODY_BYTES: usize = 128 * 1024;
/// Bytes of an account's stored bodies; beyond that, the oldest are deleted.
const MAX_STORED_BYTES: i64 = 8 * 1024 * 1024;
/// Bodies up to this size are not counted: [`MAX_ANSWERS`] of them are less than [`MAX_STORED_BYTES`].
const SMALL_BODY_BYTES: usize = 4 * 1024;

diesel::define_sql_function! {
    /// The bytes of a text, which neither database reads for it.
    fn octet_length(text: diesel::sql_types::Text) -> diesel::sql_types::Integer;
}

/// A stored answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
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

/// The stored answer to this request, if it was answered within [`RETENTION`]. [`Error::IdempotencyKeyReused`] where
/// the key was used for a request with another hash.
pub fn find(connection: &mut DbConnection, owner: &UserId, key: &str, request_hash: &str) -> Result<Option<Answer>> {
    let row_of_key = idempotency_keys::table.find((owner.as_str(), key));
    let Some(row) = row_of_key.select(Row::as_select()).first(connection).optional()? else { return Ok(None) };
    if row.created_at < columns::now() - RETENTION {
        return Ok(None);
    }
    if row.request_hash != request_hash {
        return Err(Error::IdempotencyKeyReused);
    }
    let status = columns::unsigned("idempotency_keys.status", row.status)?;
    Ok(Some(Answer { status, location: row.location, etag: row.etag, body: row.body }))
}

/// Claims the key for this transaction. Waits for another transaction that has claimed it, and then is
/// [`Error::IdempotencyInProgress`]: a new transaction finds its answer.
pub fn claim(connection: &mut DbConnection, owner: &UserId, key: &str, request_hash: &str) -> Result<()> {
    let mine = idempotency_keys::table.find((owner.as_str(), key));
    let expired = mine.filter(idempotency_keys::created_at.lt(columns::now() - RETENTION));
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

/// Deletes the account's oldest answer where it has [`MAX_ANSWERS`].
fn make_room(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    let mine = idempotency_keys::table.filter(idempotency_keys::user_id.eq(owner.as_str()));
    if mine.count().get_result::<i64>(connection)? < MAX_ANSWERS {
        return Ok(());
    }
    let oldest = mine.order(idempotency_keys::created_at).select(idempotency_keys::idempotency_key);
    let oldest: String = oldest.first(connection)?;
    diesel::delete(idempotency_keys::table.find((owner.as_str(), &oldest))).execute(connection)?;
    Ok(())
}

/// Stores the answer under the key that this transaction has claimed. [`Error::AnswerTooLarge`] above
/// [`MAX_BODY_BYTES`].
pub fn complete(connection: &mut DbConnection, owner: &UserId, key: &str, answer: &Answer) -> Result<()> {
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
    if answer.body.len() > SMALL_BODY_BYTES { make_room_for_bytes(connection, owner, key) } else { Ok(()) }
}

/// Deletes the account's oldest answers beyond [`MAX_STORED_BYTES`], but for that of this key.
fn make_room_for_bytes(connection: &mut DbConnection, owner: &UserId, key: &str) -> Result<()> {
    let sizes: Vec<(String, i32)> = idempotency_keys::table
        .filter(idempotency_keys::user_id.eq(owner.as_str()))
        .filter(idempotency_keys::idempotency_key.ne(key))
        .order(idempotency_keys::created_at.desc())
        .select((idempotency_keys::idempotency_key, octet_length(idempotency_keys::body)))
        .load(connection)?;
    let mut stored = MAX_BODY_BYTES as i64;
    for (other, bytes) in sizes {
        stored += i64::from(bytes);
        if stored > MAX_STORED_BYTES {
            diesel::delete(idempotency_keys::table.find((owner.as_str(), &other))).execute(connection)?;
        }
    }
    Ok(())
}

/// Deletes a portion of the answers older than [`RETENTION`]; returns how many.
pub fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let old: Vec<(String, String)> = idempotency_keys::table
        .filter(idempotency_keys::created_at.lt(columns::now() - RETENTION))
        .limit(SWEEP_PORTION)
        .select((idempotency_keys::user_id, idempotency_keys::idempotency_key))
        .load(connection)?;
    for (user, key) in &old {
        diesel::delete(idempotency_keys::table.find((user, key))).execute(connection)?;
    }
    Ok(old.len())
}
