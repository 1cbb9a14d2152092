//! Opening an account: its row and its first, empty list.

use super::{DbConnection, Result, columns, user, watchlist};
use watchtape_shared::account::{Email, User};
use watchtape_shared::text::DisplayName;
use watchtape_shared::{UserId, WatchlistId};

/// An account to be inserted.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its id.
    pub id: UserId,
    /// Its address.
    pub email: Email,
    /// Its display name.
    pub display_name: DisplayName,
    /// The PHC string of its password.
    pub password_hash: String,
    /// The id of its first list.
    pub first_list: WatchlistId,
}

/// The name of the first list.
const FIRST_LIST: &str = "Watchlist";

/// Opens an account with one empty list. [`Error::EmailTaken`](super::Error::EmailTaken) where the address has an
/// account.
pub fn open(connection: &mut DbConnection, new: &NewAccount) -> Result<User> {
    user::require_free(connection, &new.id, &new.email)?;
    let user = user::insert(connection, &new.id, &new.display_name, Some((&new.email, &new.password_hash)))?;
    let name = columns::parse("the first list's name", FIRST_LIST)?;
    watchlist::create(connection, &new.id, &new.first_list, &name)?;
    Ok(user)
}
