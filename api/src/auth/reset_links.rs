//! Password reset links. The token is in the fragment (`#`), which browsers do not send; only its SHA-256 is stored. A
//! link is valid for an hour, once, and a new link revokes the older ones of the account.
//!
//! Mails with links go through a queue, so that neither the answer nor its time shows whether the address has an
//! account.

use super::Error;
use super::secret::sha256_hex;
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::{self, DbConnection, password_reset};
use crate::ids::random_token;
use chrono::TimeDelta;
use tokio::sync::mpsc;
use watchtape_shared::UserId;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

/// How long a link is valid.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// Mails that may wait to be sent.
const QUEUE_LENGTH: usize = 64;

/// Creates the account's new link and returns its token.
pub fn create(connection: &mut DbConnection, owner: &UserId, request_info: &RequestInfo) -> db::Result<String> {
    let token = random_token();
    password_reset::create(connection, owner, &sha256_hex(&token), LIFETIME)?;
    audit::record(connection, request_info, &NewEvent::new(EventKind::ResetLinkMade, owner))?;
    Ok(token)
}

/// The URL of a token at the app's origin.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/reset#{token}")
}

/// A request to mail a link.
pub struct ResetMailRequest {
    /// The requested address, which may have no account.
    pub email: Email,
    /// The HTTP request, for the audit log.
    pub request_info: RequestInfo,
}

/// The sending half of the queue of reset mails.
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

    /// Queues a mail with a link, which is sent if the address has an account. Never waits: [`Error::MailQueueFull`].
    pub fn push(&self, email: Email, request_info: RequestInfo) -> Result<(), Error> {
        self.requests.try_send(ResetMailRequest { email, request_info }).map_err(|_| Error::MailQueueFull)
    }
}
