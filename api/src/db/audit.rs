//! The audit log of each account. An entry is written in the transaction of the change that it records, and holds no
//! secret. Entries are also logged, under the target `watchtape::audit`.

use super::schema::audit_events;
use super::{DbConnection, Error, Result, SWEEP_PORTION, columns};
use crate::ids;
use chrono::{NaiveDateTime, TimeDelta};
use diesel::prelude::*;
use watchtape_shared::audit::{AuditEvent, EventKind};
use watchtape_shared::{EventId, KeyId, SessionId, UserId};

/// The HTTP request that caused an entry. Empty for commands of the operator.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// The client's IP address; `None` over a Unix socket.
    pub address: Option<String>,
    /// `User-Agent`, cut to 200 characters.
    pub user_agent: Option<String>,
    /// The request id.
    pub request_id: Option<String>,
}

/// An entry to be inserted.
#[derive(Clone, Debug)]
pub struct NewEvent<'a> {
    kind: EventKind,
    user: &'a UserId,
    session: Option<&'a SessionId>,
    api_key: Option<&'a KeyId>,
    detail: Option<&'a str>,
}

impl<'a> NewEvent<'a> {
    /// An event of this account.
    pub fn new(kind: EventKind, user: &'a UserId) -> Self {
        Self { kind, user, session: None, api_key: None, detail: None }
    }

    /// Sets the session that caused the event, or that it is about.
    pub fn session(mut self, session: &'a SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Sets the API key that caused the event, or that it is about.
    pub fn api_key(mut self, key: &'a KeyId) -> Self {
        self.api_key = Some(key);
        self
    }

    /// Sets the detail, such as the reason.
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

/// Inserts an entry, and logs it.
pub fn record(connection: &mut DbConnection, request_info: &RequestInfo, event: &NewEvent<'_>) -> Result<()> {
    let id = ids::event();
    diesel::insert_into(audit_events::table)
        .values(Insert {
            id: id.as_str(),
            user_id: event.user.as_str(),
            at: columns::now(),
            kind: event.kind.as_str(),
            session_id: event.session.map(SessionId::as_str),
            api_key_id: event.api_key.map(KeyId::as_str),
            address: request_info.address.as_deref(),
            user_agent: request_info.user_agent.as_deref(),
            request_id: request_info.request_id.as_deref(),
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
        address = request_info.address.as_deref(),
        user_agent = request_info.user_agent.as_deref(),
        request_id = request_info.request_id.as_deref(),
        detail = event.detail,
        "audit"
    );
    Ok(())
}

/// The `limit` newest entries of this account that are older than `before`, newest first.
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

/// Deletes a portion of the entries that are older than `age`; returns how many.
pub fn sweep(connection: &mut DbConnection, age: TimeDelta) -> Result<usize> {
    let old: Vec<String> = audit_events::table
        .filter(audit_events::at.lt(columns::now() - age))
        .limit(SWEEP_PORTION)
        .select(audit_events::id)
        .load(connection)?;
    Ok(diesel::delete(audit_events::table.filter(audit_events::id.eq_any(old))).execute(connection)?)
}
