//! The audit trail. An entry is written in the same transaction as what it tells of, and holds no secret.

use super::schema::audit_events;
use super::{DbConnection, Error, Result, columns};
use crate::ids;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::audit::{AuditEvent, EventKind};
use watchtape_shared::{EventId, KeyId, SessionId, UserId};

/// Where something came from. Empty for a command of the operator's.
#[derive(Clone, Debug, Default)]
pub struct Source {
    /// The client's address.
    pub address: Option<String>,
    /// What its program calls itself, cut to 200 characters.
    pub user_agent: Option<String>,
    /// The request's id.
    pub request_id: Option<String>,
}

/// An entry to be written.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    kind: EventKind,
    user: &'a UserId,
    session: Option<&'a SessionId>,
    api_key: Option<&'a KeyId>,
    detail: Option<&'a str>,
}

impl<'a> NewEvent<'a> {
    /// Something that happened to an account.
    pub fn new(kind: EventKind, user: &'a UserId) -> Self {
        Self { kind, user, session: None, api_key: None, detail: None }
    }

    /// The device that did it, or is concerned.
    pub fn session(mut self, session: &'a SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// The API key that did it, or is concerned.
    pub fn api_key(mut self, key: &'a KeyId) -> Self {
        self.api_key = Some(key);
        self
    }

    /// What else there is to say.
    pub fn detail(mut self, detail: &'a str) -> Self {
        self.detail = Some(detail);
        self
    }
}

#[derive(Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
struct Insert<'a> {
    id: &'a str,
    user_id: &'a str,
    at: NaiveDateTime,
    kind: &'a str,
    session_id: Option<&'a str>,
    api_key_id: Option<&'a str>,
    address: Option<&'a str>,
    user_agent: Option<&'a str>,
    request_id: Option<&'a str>,
    detail: Option<&'a str>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = audit_events)]
struct Row {
    id: String,
    at: NaiveDateTime,
    kind: String,
    session_id: Option<String>,
    api_key_id: Option<String>,
    address: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
    detail: Option<String>,
}

impl Row {
    fn into_event(self) -> Result<AuditEvent> {
        let kind = EventKind::ALL.iter().copied().find(|kind| kind.as_str() == self.kind);
        Ok(AuditEvent {
            id: columns::parse("audit_events.id", &self.id)?,
            at: columns::utc(self.at),
            kind: kind.ok_or_else(|| Error::Corrupt(format!("audit_events.kind holds {:?}", self.kind)))?,
            session: columns::parse_optional("audit_events.session_id", self.session_id.as_deref())?,
            api_key: columns::parse_optional("audit_events.api_key_id", self.api_key_id.as_deref())?,
            address: self.address,
            user_agent: self.user_agent,
            request_id: self.request_id,
            detail: self.detail,
        })
    }
}

/// Writes an entry, to the log as well.
pub fn record(connection: &mut DbConnection, source: &Source, event: &NewEvent<'_>) -> Result<()> {
    let id = ids::event();
    diesel::insert_into(audit_events::table)
        .values(Insert {
            id: id.as_str(),
            user_id: event.user.as_str(),
            at: columns::now(),
            kind: event.kind.as_str(),
            session_id: event.session.map(SessionId::as_str),
            api_key_id: event.api_key.map(KeyId::as_str),
            address: source.address.as_deref(),
            user_agent: source.user_agent.as_deref(),
            request_id: source.request_id.as_deref(),
            detail: event.detail,
        })
        .execute(connection)?;
    tracing::info!(
        target: "watchtape::audit",
        event = %id,
        kind = event.kind.as_str(),
        user = event.user.as_str(),
        session = event.session.map(SessionId::as_str),
        api_key = event.api_key.map(KeyId::as_str),
        address = source.address.as_deref(),
        user_agent = source.user_agent.as_deref(),
        request_id = source.request_id.as_deref(),
        detail = event.detail,
        "audit"
    );
    Ok(())
}

/// The newest entries of this account, newest first, from before `before` where that is given.
pub fn list(
    connection: &mut DbConnection,
    owner: &UserId,
    before: Option<&EventId>,
    limit: i64,
) -> Result<Vec<AuditEvent>> {
    let mut query = audit_events::table
        .filter(audit_events::user_id.eq(owner.as_str()))
        .order(audit_events::id.desc())
        .limit(limit)
        .select(Row::as_select())
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(audit_events::id.lt(before.as_str()));
    }
    query.load(connection)?.into_iter().map(Row::into_event).collect()
}

/// Forgets the entries that are older than this.
pub fn sweep(connection: &mut DbConnection, age: TimeDelta) -> Result<usize> {
    let old = audit_events::table.filter(audit_events::at.lt(columns::now() - age));
    Ok(diesel::delete(old).execute(connection)?)
}
