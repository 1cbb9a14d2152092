//! The password once more: what could take the account from its holder is asked for again, so that neither a stolen
//! access token nor an unlocked device is enough. The one place where an account's own password is checked or replaced
//! by somebody who is signed in.

use super::Holder;
use crate::client::Client;
use crate::db::audit::{self, NewEvent};
use crate::db::profile;
use crate::db::user::Credentials;
use crate::error::{Code, Error};
use crate::state::AppState;
use actix_web::web;
use watchtape_shared::account::{Password, User};
use watchtape_shared::audit::EventKind;

/// Checks the holder's password; `pointer` names the field that it came in.
pub async fn reauthenticate(
    state: &web::Data<AppState>,
    client: &Client,
    holder: &Holder,
    password: Password,
    pointer: &'static str,
) -> Result<Credentials, Error> {
    let id = holder.id.clone();
    let credentials = state.db.read(move |connection| profile::find_credentials(connection, &id)).await?;
    if state.passwords.verify(password, Some(credentials.password_hash.clone())).await? {
        return Ok(credentials);
    }
    let (id, session, source) = (holder.id.clone(), holder.session.clone(), client.source.clone());
    let noted = state.db.write(move |connection| {
        audit::record(connection, &source, &NewEvent::new(EventKind::SignInFailed, &id).session(&session))
    });
    noted.await?;
    Err(wrong_password(pointer))
}

/// The hash of a password that this user wants to have from now on.
pub async fn hash_new(state: &AppState, _user: &User, password: Password) -> Result<String, Error> {
    Ok(state.passwords.hash(password).await?)
}

/// The answer to a password that is not the account's.
pub fn wrong_password(pointer: &str) -> Error {
    Error::new(Code::WrongPassword, "This is not the account's password.").at(pointer)
}
