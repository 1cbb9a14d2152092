//! API keys, of which only hashes are kept.

use super::schema::{api_keys, users};
use super::{DbConnection, Error, Result, row};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use watchtape_shared::api_key::{ApiKey, Scope};
use watchtape_shared::{KeyId, UserId};

/// A key, and whose it is.
#[derive(Clone, Debug)]
pub struct Owned {
    /// The account.
    pub owner: UserId,
    /// The key.
    pub key: ApiKey,
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
            id: row::parse("api_keys.id", &self.id)?,
            name: row::parse("api_keys.name", &self.name)?,
            hint: self.hint,
            scopes: self.scopes.split(' ').map(parse_scope).collect::<Result<_>>()?,
            created_at: row::utc(self.created_at),
            expires_at: self.expires_at.map(row::utc),
            last_used_at: self.last_used_at.map(row::utc),
        };
        Ok(Owned { owner: row::parse("api_keys.user_id", &self.user_id)?, key })
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
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(row::now())))
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
        .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(row::now())))
        .filter(users::disabled_at.is_null())
        .count()
        .get_result::<i64>(connection)?;
    Ok(found == 1)
}
