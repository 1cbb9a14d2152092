//! Sign-in sessions, one for each signed-in device. Only the hashes of its refresh tokens are stored.

use super::audit::RequestInfo;
use super::schema::{sessions, users};
use super::{DbConnection, Result, SWEEP_PORTION, access_change, columns};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use watchtape_shared::account::User;
use watchtape_shared::{SessionId, UserId};

#[derive(Insertable)]
#[diesel(table_name = sessions)]
struct Insert<'a> {
    id: &'a str,
    user_id: &'a str,
    family_hash: &'a str,
    token_hash: &'a str,
    rotated_at: NaiveDateTime,
    created_at: NaiveDateTime,
    expires_at: NaiveDateTime,
    user_agent: Option<&'a str>,
    address: Option<&'a str>,
}

/// The hashes of a refresh token.
#[derive(Clone, Debug)]
pub struct TokenHashes {
    /// Of its family, which all tokens of the session share.
    pub family: String,
    /// Of the whole token.
    pub token: String,
}

/// The state of a refresh token within its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenState {
    /// The last one issued.
    Current,
    /// The one before the last.
    Previous,
    /// Older than that.
    Old,
}

/// A session, found by a refresh token.
#[derive(Clone, Debug)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user: User,
    /// The state of the token that it was found by.
    pub token_state: TokenState,
    /// The hash of its last token.
    pub token_hash: String,
    /// When the last token was issued.
    pub rotated_at: DateTime<Utc>,
    /// When the person signed in.
    pub created_at: DateTime<Utc>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = sessions)]
struct Row {
    id: String,
    token_hash: String,
    previous_hash: Option<String>,
    rotated_at: NaiveDateTime,
    created_at: NaiveDateTime,
}

/// Inserts a session; where the user has the maximum of devices, the one unused for longest is signed out.
pub fn create(
    connection: &mut DbConnection,
    id: &SessionId,
    user: &UserId,
    hashes: &TokenHashes,
    expires_at: DateTime<Utc>,
    request_info: &RequestInfo,
) -> Result<()> {
    super::device::make_room(connection, user)?;
    let now = columns::now();
    diesel::insert_into(sessions::table)
        .values(Insert {
            id: id.as_str(),
            user_id: user.as_str(),
            family_hash: &hashes.family,
            token_hash: &hashes.token,
            rotated_at: now,
            created_at: now,
            expires_at: expires_at.naive_utc(),
            user_agent: request_info.user_agent.as_deref(),
            address: request_info.address.as_deref(),
        })
        .execute(connection)?;
    Ok(())
}

/// The session of a token with these hashes, if it has not expired and its account is not disabled.
pub fn find_by_token(connection: &mut DbConnection, hashes: &TokenHashes) -> Result<Option<Session>> {
    let found = sessions::table
        .inner_join(users::table)
        .filter(sessions::family_hash.eq(&hashes.family))
        .filter(sessions::expires_at.gt(columns::now()))
        .filter(users::disabled_at.is_null())
        .select((Row::as_select(), super::user::Row::as_select()))
        .first::<(Row, super::user::Row)>(connection)
        .optional()?;
    let Some((session, user)) = found else { return Ok(None) };
    let token_state = if session.token_hash == hashes.token {
        TokenState::Current
    } else if session.previous_hash.as_ref() == Some(&hashes.token) {
        TokenState::Previous
    } else {
        TokenState::Old
    };
    Ok(Some(Session {
        id: columns::parse("sessions.id", &session.id)?,
        user: user.into_user()?,
        token_state,
        token_hash: session.token_hash,
        rotated_at: columns::utc(session.rotated_at),
        created_at: columns::utc(session.created_at),
    }))
}

/// Replaces the session's token, and stores the client's address and user agent. False where the token is no longer
/// `from_hash`.
pub fn rotate(
    connection: &mut DbConnection,
    id: &SessionId,
    from_hash: &str,
    to_hash: &str,
    expires_at: DateTime<Utc>,
    request_info: &RequestInfo,
) -> Result<bool> {
    let changed = diesel::update(sessions::table.find(id.as_str()).filter(sessions::token_hash.eq(from_hash)))
        .set((
            sessions::token_hash.eq(to_hash),
            sessions::previous_hash.eq(Some(from_hash)),
            sessions::rotated_at.eq(columns::now()),
            sessions::expires_at.eq(expires_at.naive_utc()),
            sessions::user_agent.eq(request_info.user_agent.as_deref()),
            sessions::address.eq(request_info.address.as_deref()),
        ))
        .execute(connection)?;
    Ok(changed == 1)
}

/// Whether the session is this user's and has not ended, and the account is not disabled.
pub fn is_alive(connection: &mut DbConnection, user: &UserId, id: &SessionId) -> Result<bool> {
    let found = sessions::table
        .inner_join(users::table)
        .filter(sessions::user_id.eq(user.as_str()))
        .filter(sessions::id.eq(id.as_str()))
        .filter(sessions::expires_at.gt(columns::now()))
        .filter(users::disabled_at.is_null())
        .count()
        .get_result::<i64>(connection)?;
    Ok(found == 1)
}

/// Ends one session of this user.
pub fn end(connection: &mut DbConnection, user: &UserId, id: &SessionId) -> Result<()> {
    access_change::touch(connection, user)?;
    diesel::delete(sessions::table.find(id.as_str()).filter(sessions::user_id.eq(user.as_str())))
        .execute(connection)?;
    Ok(())
}

/// Ends every session of this user.
pub fn end_all(connection: &mut DbConnection, user: &UserId) -> Result<()> {
    access_change::touch(connection, user)?;
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user.as_str()))).execute(connection)?;
    Ok(())
}

/// Deletes a portion of the expired sessions; returns how many.
pub fn sweep(connection: &mut DbConnection) -> Result<usize> {
    let expired: Vec<String> = sessions::table
        .filter(sessions::expires_at.le(columns::now()))
        .limit(SWEEP_PORTION)
        .select(sessions::id)
        .load(connection)?;
    Ok(diesel::delete(sessions::table.filter(sessions::id.eq_any(expired))).execute(connection)?)
}
