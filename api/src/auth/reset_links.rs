//! Password reset links. The token is in the fragment (`#`), which browsers do not send; only its SHA-256 is stored. A
//! link is valid for an hour, once; one that is printed or sent revokes the older ones of the account.
//!
//! Mails with links go through a queue (`db::reset_mail`), so that neither the answer nor its time shows whether the address
//! has an account.

use super::secret::sha256_hex;
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::{self, DbConnection, password_reset};
use crate::ids::random_token;
use chrono::TimeDelta;
use watchtape_shared::UserId;
use watchtape_shared::audit::EventKind;

/// How long a link is valid.
const LIFETIME: TimeDelta = TimeDelta::hours(1);

/// Creates another link of the account and returns its token.
pub fn create(connection: &mut DbConnection, owner: &UserId, request_info: &RequestInfo) -> db::Result<String> {
    let token = random_token();
    password_reset::create(connection, owner, &sha256_hex(&token), LIFETIME)?;
    audit::record(connection, request_info, &NewEvent::new(EventKind::ResetLinkMade, owner))?;
    Ok(token)
}

/// Creates a link in the place of every other of the account, and returns its token.
pub fn replace(connection: &mut DbConnection, owner: &UserId, request_info: &RequestInfo) -> db::Result<String> {
    let token = create(connection, owner, request_info)?;
    password_reset::revoke_others(connection, owner, &sha256_hex(&token))?;
    Ok(token)
}

/// The URL of a token at the app's origin.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/reset#{token}")
}
