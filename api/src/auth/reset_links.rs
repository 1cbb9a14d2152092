//! Links by which somebody who has forgotten the password sets a new one. The token stands behind the `#`, which browsers
//! do not send; only its hash is stored. A link is valid for an hour, once, and only the newest of an account is.
//!
//! Mails with links go through a queue, so that the answer does not depend on whether the address has an account.

use super::Error;
use super::secret::fingerprint;
use crate::db::audit::{self, NewEvent, Source};
use crate::db::{self, DbConnection, password_reset};
use crate::ids::random_token;
use chrono::TimeDelta;
use tokio::sync::mpsc;
use watchtape_shared::UserId;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

/// How long a link is valid.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How many mails may wait to be sent.
const QUEUE_LENGTH: usize = 64;

/// Creates the account's new link and returns its token.
pub fn create(connection: &mut DbConnection, owner: &UserId, source: &Source) -> db::Result<String> {
    let token = random_token();
    password_reset::create(connection, owner, &fingerprint(&token), LIFETIME)?;
    audit::record(connection, source, &NewEvent::new(EventKind::ResetLinkMade, owner))?;
    Ok(token)
}

/// The link of a token, at the app's origin.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/reset#{token}")
}

/// A request for a link to be mailed.
pub struct ResetMailRequest {
    /// The address that was typed, which may have no account.
    pub email: Email,
    /// Where the request came from, for the audit log.
    pub source: Source,
}

/// Takes requests for links to be mailed.
pub struct ResetMailQueue {
    requests: mpsc::Sender<ResetMailRequest>,
}

/// The receiving half, for the task that sends the mails (`notify::reset_mail`).
pub struct ResetMailReceiver(pub mpsc::Receiver<ResetMailRequest>);

impl ResetMailQueue {
    /// A queue and its receiving half.
    pub fn new() -> (Self, ResetMailReceiver) {
        let (requests, receiver) = mpsc::channel(QUEUE_LENGTH);
        (Self { requests }, ResetMailReceiver(receiver))
    }

    /// Has a link mailed, if the address has an account. Never waits: a full queue is an error.
    pub fn push(&self, email: Email, source: Source) -> Result<(), Error> {
        self.requests.try_send(ResetMailRequest { email, source }).map_err(|_| Error::MailQueueFull)
    }
}
