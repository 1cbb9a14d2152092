//! API keys, of which only hashes are kept.

use super::schema::{api_keys, users};
use super::{DbConnection, Error, Result, access_change, columns, user};
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use diesel::prelude::*;
use watchtape_shared::api_key::{ApiKey, MAX_KEYS, Scope};
use watchtape_shared::text::KeyName;
use watchtape_shared::{KeyId, UserId};

/// A key, and whose it is.
#[derive(Clone, Debug)]
pub struct Owned {
    /// The account.
    pub owner: UserId,
    /// The key.
    pub key: ApiKey,
}

/// A key to be kept.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// Its id.
    pub id: KeyId,
    /// What it is for.
    pub name: KeyName,
    /// The hash by which it is known.
    pub hash: String,
    /// What of it is shown again.
    pub hint: String,
    /// What it may do, each once.
    pub scopes: Vec<Scope>,
    /// When it ends; none: never.
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
    fn into_owned(self) -> Result<Owned> {
        let key = ApiKey {
            id: columns::parse("api_keys.id", &self.id)?,
            name: columns::parse("api_keys.name", &self.name)?,
            hint: self.hint,
            scopes: self.scopes.split(' ').map(parse_scope).collect::<Result<_>>()?,
            created_at: columns::utc(self.created_at),
            expires_at: self.expires_at.map(columns::utc),
            last_used_at: self.last_used_at.map(columns::utc),
        };
        Ok(Owned { owner: columns::parse("api_keys.user_id", &self.user_id)?, key })
    }
}

fn parse_scope(text: &str) -> Result<Scope> {
    let found = Scope::ALL.into_iter().find(|scope| scope.as_str() == text);
    found.ok_or_else(|| Error::Corrupt(format!("api_keys.scopes holds {text:?}")))
}

/// The good key of this hash: not expired, and of an account that may be used.
pub fn find_by_hash(connection: &mut DbConnection, hash: &str) -> Result<Option<Owned>> {
    let found = api_keys::table
        .inner_join(users::table)
        .filter(api_keys::key_hash.eq(hash))
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(columns::now())))
        .filter(users::disabled_at.is_null())
        .select(Row::as_select())
        .first(connection)
        .optional()?;
    found.map(Row::into_owned).transpose()
}

/// Whether the key is this user's, has not expired, and its account may be used.
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

/// This owner's keys, the newest first, those that have expired among them.
pub fn list(connection: &mut DbConnection, owner: &UserId) -> Result<Vec<ApiKey>> {
    let rows: Vec<Row> = api_keys::table
        .filter(api_keys::user_id.eq(owner.as_str()))
        .order(api_keys::id.desc())
        .select(Row::as_select())
        .load(connection)?;
    rows.into_iter().map(|row| Ok(row.into_owned()?.key)).collect()
}

/// Keeps a new key of this owner's. [`Error::TooManyKeys`] where there are as many as are allowed.
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

/// Notes that a key was used at that time; true for the first use of a day. Of several who note the same use, one alone is
/// told so.
pub fn note_use(connection: &mut DbConnection, owner: &UserId, id: &KeyId, at: DateTime<Utc>) -> Result<bool> {
    let midnight = at.date_naive().and_time(NaiveTime::MIN);
    if note_use_unless_since(connection, owner, id, at, midnight)? {
        return Ok(true);
    }
    note_use_unless_since(connection, owner, id, at, at.naive_utc())?;
    Ok(false)
}

fn note_use_unless_since(
    connection: &mut DbConnection,
    owner: &UserId,
    id: &KeyId,
    at: DateTime<Utc>,
    since: NaiveDateTime,
) -> Result<bool> {
    let mine = api_keys::table.filter(api_keys::user_id.eq(owner.as_str())).filter(api_keys::id.eq(id.as_str()));
    let unused = mine.filter(api_keys::last_used_at.is_null().or(api_keys::last_used_at.lt(since)));
    Ok(diesel::update(unused).set(api_keys::last_used_at.eq(Some(at.naive_utc()))).execute(connection)? == 1)
}
