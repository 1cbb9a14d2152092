//! Mails with a password reset link, from the queue in the database. A few are sent at a time, so that one slow mail server
//! keeps few waiting; one that puts a mail off, or cannot be reached, is asked again.

use super::mail::{Mailer, NotSent};
use crate::auth::Auth;
use crate::auth::reset_links::{create, link};
use crate::auth::secret::sha256_hex;
use crate::db::reset_mail::{self, DueMail};
use crate::db::{self, password_reset, user};
use crate::limits::Policy;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use watchtape_shared::UserId;
use watchtape_shared::account::Email;

/// Mails to an account, so that strangers cannot flood its mailbox.
const MAILS: Policy = Policy { name: "reset-mail", quota: 3, window: Duration::from_secs(3600) };
/// Mails that a node sends at a time.
const AT_A_TIME: usize = 4;
/// How often a node looks for mails that are due again, or were queued by a node that has ended.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long a node may take to send a mail: longer than the mail server may.
const LEASE: TimeDelta = TimeDelta::minutes(1);
/// The delays between tries, in seconds. A link is of no use much later.
const RETRY_SECONDS: [i64; 6] = [3, 30, 120, 300, 900, 1_800];

/// The subject and text of the mail with this link.
pub fn reset_mail(link: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody, we hope you, asked to set a new password for your Watchtape account.\n\n\
         Set it here within an hour:\n\n{link}\n\n\
         If it was not you, do nothing: your password stays as it is.\n"
    );
    ("Set a new Watchtape password", text)
}

/// Sends what is queued, for as long as the server runs.
pub struct ResetMails {
    /// The accounts, and where links are stored.
    pub auth: Arc<Auth>,
    /// Sends mail.
    pub mailer: Mailer,
    /// The app's origin, for the links.
    pub origin: String,
    /// Wakes the task when a mail has been queued.
    pub queued: Arc<Notify>,
}

impl ResetMails {
    /// Never returns.
    pub async fn run(self: Arc<Self>) {
        let places = Arc::new(Semaphore::new(AT_A_TIME));
        loop {
            let Ok(place) = places.clone().acquire_owned().await else { return };
            match self.auth.db.write(|connection| reset_mail::take_due(connection, LEASE)).await {
                Ok(Some(mail)) => {
                    let mails = self.clone();
                    actix_web::rt::spawn(async move { mails.try_one(mail, place).await });
                    continue;
                }
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the queue of mails could not be read"),
            }
            drop(place);
            let _ = tokio::time::timeout(POLL_INTERVAL, self.queued.notified()).await;
        }
    }

    async fn try_one(&self, mail: DueMail, _place: OwnedSemaphorePermit) {
        let (email, tries) = (mail.email.clone(), mail.tries);
        let retry = RETRY_SECONDS.get(tries as usize).map(|seconds| TimeDelta::seconds(*seconds));
        let next = match (self.send(mail).await, retry) {
            (Ok(()), _) => None,
            (Err(Failure::Later(cause)), Some(delay)) => {
                tracing::info!(cause, tries, "a password reset link is mailed later");
                Some(delay)
            }
            (Err(Failure::Later(cause) | Failure::Never(cause)), _) => {
                tracing::warn!(cause, tries, "could not mail a password reset link");
                None
            }
        };
        let kept = match next {
            Some(delay) => self.auth.db.write(move |connection| reset_mail::postpone(connection, &email, delay)).await,
            None => self.auth.db.write(move |connection| reset_mail::remove(connection, &email)).await,
        };
        if let Err(error) = kept {
            // Its lease ends, and it is tried once more.
            tracing::warn!(%error, "the queue of mails could not be written");
        }
    }

    async fn send(&self, mail: DueMail) -> Result<(), Failure> {
        let DueMail { email, request_info, tries } = mail;
        let found = self.auth.db.read(move |connection| user::find_by_email(connection, &email)).await?;
        let Some(found) = found.filter(|found| found.enabled) else {
            tracing::info!("a reset link was requested for an address without an account");
            return Ok(());
        };
        let (owner, email) = (found.user.id, found.email);
        if tries == 0 && !self.auth.limiter.take(&MAILS, owner.as_str()).await.is_allowed {
            tracing::info!(user = %owner, "no reset link mailed: too many for this account within an hour");
            return Ok(());
        }
        let token = {
            let owner = owner.clone();
            self.auth.db.write(move |connection| create(connection, &owner, &request_info)).await?
        };
        self.mail_link(owner, &email, &token).await
    }

    /// Mails a link. Older ones are good until it is sent, and it alone from then on.
    async fn mail_link(&self, owner: UserId, email: &Email, token: &str) -> Result<(), Failure> {
        let (subject, text) = reset_mail(&link(&self.origin, token));
        let sent = self.mailer.send(email, subject, text).await;
        let (is_sent, hash) = (sent.is_ok(), sha256_hex(token));
        let kept = self.auth.db.write(move |connection| {
            if is_sent {
                password_reset::revoke_others(connection, &owner, &hash)
            } else {
                password_reset::revoke(connection, &owner, &hash)
            }
        });
        kept.await?;
        sent.map_err(|not_sent| match not_sent {
            NotSent::Refused { cause, .. } => Failure::Never(cause),
            NotSent::PutOff { cause, .. } => Failure::Later(cause),
        })
    }
}

/// Why a mail was not sent, without any address.
enum Failure {
    /// It may be sent later.
    Later(String),
    /// It never will be.
    Never(String),
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        Self::Later(error.to_string())
    }
}
