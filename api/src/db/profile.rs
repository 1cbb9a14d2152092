//! What an account's holder changes: the name, the address, the password; and the account's end.

use super::schema::users;
use super::{DbConnection, Error, Result, columns, password_reset, user};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use watchtape_shared::UserId;
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::DisplayName;

/// What is to change; none of a field: it stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// How the person wants to be called.
    pub display_name: Option<DisplayName>,
    /// The address.
    pub email: Option<Email>,
}

#[derive(AsChangeset)]
#[diesel(table_name = users)]
struct Changes<'a> {
    display_name: Option<&'a str>,
    email: Option<&'a str>,
    updated_at: NaiveDateTime,
}

/// Changes the name, the address or both. [`Error::EmailTaken`] where the address has an account.
pub fn change(connection: &mut DbConnection, id: &UserId, change: &Change) -> Result<User> {
    let changes = Changes {
        display_name: change.display_name.as_ref().map(DisplayName::as_str),
        email: change.email.as_ref().map(Email::as_str),
        updated_at: columns::now(),
    };
    diesel::update(users::table.find(id.as_str())).set(changes).execute(connection)?;
    if change.email.is_some() {
        // A link that was sent before may be in somebody else's mailbox by now.
        password_reset::forget(connection, id)?;
    }
    user::find(connection, id)
}

/// Deletes the account: every row of every table that is its own goes with it.
pub fn delete(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    match diesel::delete(users::table.find(id.as_str())).execute(connection)? {
        0 => Err(Error::NotFound("account")),
        _ => Ok(()),
    }
}
