//! API keys. Only their hashes are stored. A revoked key is deleted; an expired one stays until its owner revokes it.

use super::schema::{api_keys, users};
use super::{DbConnection, Error, Result, access_change, columns, user};
use chrono::{DateTime, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use diesel::prelude::*;
use watchtape_shared::api_key::{ApiKey, MAX_KEYS, Scope};
use watchtape_shared::text::KeyName;
use watchtape_shared::{KeyId, UserId};

/// How far the clocks of nodes may be from each other.
pub const MAX_CLOCK_DIFFERENCE: TimeDelta = TimeDelta::minutes(5);

/// A key and its owner.
#[derive(Clone, Debug)]
pub struct OwnedKey {
    /// The account.
    pub owner: UserId,
    /// The key.
    pub key: ApiKey,
}

/// A key to be inserted.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// Its name.
    pub name: KeyName,
    /// The SHA-256 of the key, in hexadecimal.
    pub hash: String,
    /// Its last characters, which are shown in the list of keys.
    pub hint: String,
    /// Its scopes, each once.
    pub scopes: Vec<Scope>,
    /// Its expiry; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
}

#[derive(Insertable)]
#[diesel(table_name = api_keys, treat_none_as_default_value = false)]
struct Insert<'a> {
    id: &'a str,
    user_id: &'a str,
    name: &'a str,
    key_hash: &'a str,
    hint: &'a str,
    scopes: &'a str,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = api_keys)]
struct Row {
    id: String,
    user_id: String,
    name: String,
    hint: String,
    scopes: String,
    created_at: NaiveDateTime,
    expires_at: Option<NaiveDateTime>,
    last_used_at: Option<NaiveDateTime>,
}

impl Row {
    fn into_owned_key(self) -> Result<OwnedKey> {
        let key = ApiKey {
            id: columns::parse("api_keys.id", &self.id)?,
            name: columns::stored("api_keys.name", &self.name)?,
            hint: self.hint,
            scopes: self.scopes.split(' ').map(parse_scope).collect::<Result<_>>()?,
            created_at: columns::utc(self.created_at),
            expires_at: self.expires_at.map(columns::utc),
            last_used_at: self.last_used_at.map(columns::utc),
        };
        Ok(OwnedKey { owner: columns::parse("api_keys.user_id", &self.user_id)?, key })
    }
}

fn parse_scope(text: &str) -> Result<Scope> {
    let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
    found.ok_or_else(|| Error::Corrupt(format!("api_keys.scopes holds {text:?}")))
}

/// The key of this hash, if it has not expired and its account is not disabled.
pub fn find_by_hash(connection: &mut DbConnection, hash: &str) -> Result<Option<OwnedKey>> {
    let found = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::key_hash.eq(hash))
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(columns::now())))
        .filter(users::disabled_at.is_null())
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    found.map(Row::into_owned_key).transpose()
}

/// Whether the key is this owner's and has not expired, and the account is not disabled.
pub fn is_alive(connection: &mut DbConnection, owner: &UserId, id: &KeyId) -> Result<bool> {
    let found = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::user_id.eq(owner.as_str()))
        .filter(api_keys::id.eq(id.as_str()))
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(columns::now())))
        .filter(users::disabled_at.is_null())
        .count()
        .get_result::<i64>(connection)?;
    Ok(found == 1)
}

/// This owner's keys, newest first, expired ones included.
pub fn list(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<ApiKey>> {
    let rows: Vec<Row> = api_keys::table
        .filter(api_keys::user_id.eq(owner.as_str()))
        .order(api_keys::id.desc())
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| Ok(row.into_owned_key()?.key)).collect()
}

/// One key of this owner. [`Error::NotFound`] where the owner has no such key.
pub fn find(connection: &mut DbConnection, owner: &UserId, id: &KeyId) -> Result<ApiKey> {
    let row: Option<Row> = api_keys::table
        .filter(api_keys::user_id.eq(owner.as_str()))
        .filter(api_keys::id.eq(id.as_str()))
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    Ok(row.ok_or(Error::NotFound("API key"))?.into_owned_key()?.key)
}

/// Inserts a key. [`Error::TooManyKeys`] where the owner has [`MAX_KEYS`].
pub fn create(connection: &mut DbConnection, owner: &UserId, new: &NewKey) -> Result<ApiKey> {
    user::lock(connection, owner)?;
    let count = api_keys::table.filter(api_keys::user_id.eq(owner.as_str())).count().get_result::<i64>(connection)?;
    if count >= MAX_KEYS as i64 {
        return Err(Error::TooManyKeys(MAX_KEYS));
    }
    let scopes: Vec<&str> = new.scopes.iter().map(|scope| scope.as_str()).collect();
    let now = columns::now();
    diesel::insert_into(api_keys::table)
        .values(Insert {
            id: new.id.as_str(),
            user_id: owner.as_str(),
            name: new.name.as_str(),
            key_hash: &new.hash,
            hint: &new.hint,
            scopes: &scopes.join(" "),
            created_at: now,
            expires_at: new.expires_at.map(|at| at.naive_utc()),
        })
        .execute(connection)?;
    Ok(ApiKey {
        id: new.id.clone(),
        name: new.name.clone(),
        hint: new.hint.clone(),
        scopes: new.scopes.clone(),
        created_at: columns::utc(now),
        expires_at: new.expires_at,
        last_used_at: None,
    })
}

/// Revokes a key of this owner's. [`Error::NotFound`] where there is none.
pub fn revoke(connection: &mut DbConnection, owner: &UserId, id: &KeyId) -> Result<()> {
    access_change::touch(connection, owner)?;
    let mine = api_keys::table.filter(api_keys::user_id.eq(owner.as_str())).filter(api_keys::id.eq(id.as_str()));
    match diesel::delete(mine).execute(connection)? {
        0 => Err(Error::NotFound("API key")),
        _ => Ok(()),
    }
}

/// Revokes every key of this owner.
pub fn revoke_all(connection: &mut DbConnection, owner: &UserId) -> Result<()> {
    access_change::touch(connection, owner)?;
    diesel::delete(api_keys::table.filter(api_keys::user_id.eq(owner.as_str()))).execute(connection)?;
    Ok(())
}

/// Records a use of a key. True for the first use of a day (UTC), and for one only of concurrent callers.
pub fn record_use(connection: &mut DbConnection, owner: &UserId, id: &KeyId, at: DateTime<Utc>) -> Result<bool> {
    let midnight = at.date_naive().and_time(NaiveTime::MIN);
    if record_use_unless_since(connection, owner, id, at, midnight)? {
        return Ok(true);
    }
    record_use_unless_since(connection, owner, id, at, at.naive_utc())?;
    Ok(false)
}

fn record_use_unless_since(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &KeyId,
    at: DateTime<Utc>,
    since: NaiveDateTime,
) -> Result<bool> {
    let mine = api_keys::table.filter(api_keys::user_id.eq(owner.as_str())).filter(api_keys::id.eq(id.as_str()));
    // A time that is yet to come was recorded by a clock that was wrong.
    let latest = (at + MAX_CLOCK_DIFFERENCE).naive_utc();
    let last = api_keys::last_used_at;
    let unused = mine.filter(last.is_null().or(last.lt(since)).or(last.gt(latest)));
    Ok(diesel::update(unused).set(api_keys::last_used_at.eq(Some(at.naive_utc()))).execute(connection)? == 1)
}
