//! Disabling an account: it can no longer sign in, its API keys are refused, and its sessions are ended.

use super::audit::{self, NewEvent, RequestInfo};
use super::schema::users;
use super::{DbConnection, Error, Result, columns, session, user};
use diesel::prelude::*;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

/// Disables the account of this address. [`Error::NotFound`] where there is none.
pub fn disable(connection: &mut DbConnection, email: &Email) -> Result<()> {
    let credentials = user::find_by_email(connection, email)?.ok_or(Error::NotFound("account"))?;
    let now = columns::now();
    diesel::update(users::table.find(credentials.user.id.as_str()))
        .set((users::disabled_at.eq(Some(now)), users::updated_at.eq(now)))
        .execute(connection)?;
    session::end_all(connection, &credentials.user.id)?;
    let event = NewEvent::new(EventKind::AccountDisabled, &credentials.user.id);
    audit::record(connection, &RequestInfo::default(), &event)
}
