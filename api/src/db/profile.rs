//! Changes of an account by its owner: display name and e-mail address, and its deletion. Its password is changed in
//! `user`.

use super::schema::users;
use super::{DbConnection, Error, Result, alert, columns, password_reset, user};
use chrono::NaiveDateTime;
use diesel::prelude::*;
use watchtape_shared::UserId;
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::DisplayName;

/// The fields to change; `None`: the field stays.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// The display name.
    pub display_name: Option<DisplayName>,
    /// The e-mail address.
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
    if let Some(email) = &change.email {
        user::require_free(connection, id, email)?;
        // A link sent to the old address may be read by somebody else.
        password_reset::revoke_all(connection, id)?;
    }
    user::find(connection, id)
}

/// Deletes the account and all of its rows (`ON DELETE CASCADE`). [`Error::NotFound`] where there is none.
pub fn delete(connection: &mut DbConnection, id: &UserId) -> Result<()> {
    alert::note_deletion_of_all(connection, &[id.as_str()])?;
    match diesel::delete(users::table.find(id.as_str())).execute(connection)? {
        0 => Err(Error::NotFound("account")),
        _ => Ok(()),
    }
}
