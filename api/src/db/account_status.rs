//! Disabling and enabling accounts. A disabled account cannot sign in, its API keys are refused, and its sessions have ended.

use super::audit::{self, NewEvent, RequestInfo};
use super::schema::users;
use super::{DbConnection, Error, Result, columns, session, user};
use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::prelude::*;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

/// A registered account, as an operator sees it.
#[derive(Clone, Debug)]
pub struct AccountStatus {
    /// Its address.
    pub email: Email,
    /// When it was opened.
    pub created_at: DateTime<Utc>,
    /// When it was disabled; `None` for an account that can sign in.
    pub disabled_at: Option<DateTime<Utc>>,
}

/// The registered accounts after this address, in the order of their addresses; at most `limit`.
pub fn list(connection: &mut DbConnection, after: Option<&Email>, limit: i64) -> Result<Vec<AccountStatus>> {
    let rows: Vec<(Option<String>, NaiveDateTime, Option<NaiveDateTime>)> = users::table
        .filter(users::email.gt(after.map_or("", Email::as_str)))
        .order(users::email)
        .limit(limit)
        .select((users::email, users::created_at, users::disabled_at))
        .load(connection)?;
    let accounts = rows.into_iter().map(|(email, created_at, disabled_at)| {
        Ok(AccountStatus {
            email: columns::stored("users.email", &email.unwrap_or_default())?,
            created_at: columns::utc(created_at),
            disabled_at: disabled_at.map(columns::utc),
        })
    });
    accounts.collect()
}

/// Disables the account of this address. [`Error::NotFound`] where there is none.
pub fn disable(connection: &mut DbConnection, email: &Email) -> Result<()> {
    set_disabled(connection, email, true)
}

/// Lets the account of this address sign in again. [`Error::NotFound`] where there is none.
pub fn enable(connection: &mut DbConnection, email: &Email) -> Result<()> {
    set_disabled(connection, email, false)
}

fn set_disabled(connection: &mut DbConnection, email: &Email, is_disabled: bool) -> Result<()> {
    let credentials = user::find_by_email(connection, email)?.ok_or(Error::NotFound("account"))?;
    let now = columns::now();
    diesel::update(users::table.find(credentials.user.id.as_str()))
        .set((users::disabled_at.eq(is_disabled.then_some(now)), users::updated_at.eq(now)))
        .execute(connection)?;
    if is_disabled {
        session::end_all(connection, &credentials.user.id)?;
    }
    let kind = if is_disabled { EventKind::AccountDisabled } else { EventKind::AccountEnabled };
    audit::record(connection, &RequestInfo::default(), &NewEvent::new(kind, &credentials.user.id))
}
