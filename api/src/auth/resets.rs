//! Links by which somebody who has forgotten the password sets a new one. The token stands behind the `#`, which browsers
//! send to nobody; only its hash is kept. A link is good for an hour, once, and the newest of an account alone is.
//!
//! Links are mailed by a task behind a queue: whoever asks for one is answered before anybody has looked whether the
//! address has an account.

use super::secret::{fingerprint, random_token};
use crate::db::audit::{self, NewEvent, Source};
use crate::db::{self, DbConnection, password_reset, user};
use crate::error::{Code, Error};
use crate::limits::Policy;
use crate::mail::Mailer;
use crate::state::AppState;
use actix_web::web;
use chrono::TimeDelta;
use std::time::Duration;
use tokio::sync::mpsc;
use watchtape_shared::UserId;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

/// How long a link is good for.
const LIFETIME: TimeDelta = TimeDelta::hours(1);
/// How many mails wait to be sent.
const MOST_WAITING: usize = 64;
/// How many mails an account gets in an hour: more would only be a nuisance of somebody else's.
const MAILS: Policy = Policy { name: "reset-mail", quota: 3, window: Duration::from_secs(3600) };

/// Makes the account's new link and gives its token.
pub fn make(connection: &mut DbConnection, owner: &UserId, source: &Source) -> db::Result<String> {
    let token = random_token();
    password_reset::create(connection, owner, &fingerprint(&token), LIFETIME)?;
    audit::record(connection, source, &NewEvent::new(EventKind::ResetLinkMade, owner))?;
    Ok(token)
}

/// The link of a token, at the app's origin.
pub fn link(origin: &str, token: &str) -> String {
    format!("{origin}/reset#{token}")
}

/// The mail that brings a link: its subject and its text.
pub fn letter(link: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody, we hope you, asked to set a new password for your Watchtape account.\n\n\
         Set it here within an hour:\n\n{link}\n\n\
         If it was not you, do nothing: your password stays as it is.\n"
    );
    ("Set a new Watchtape password", text)
}

/// The answer to a token that is good for nothing.
pub fn void() -> Error {
    Error::new(Code::InvalidResetToken, "This link is unknown, used or expired. Ask for a new one.").at("/token")
}

struct Request {
    email: Email,
    source: Source,
}

/// Takes requests for links.
pub struct ResetMails {
    queue: mpsc::Sender<Request>,
}

/// The other end, for the task that sends them.
pub struct ResetQueue(mpsc::Receiver<Request>);

impl ResetMails {
    /// A queue and its other end.
    pub fn new() -> (Self, ResetQueue) {
        let (queue, requests) = mpsc::channel(MOST_WAITING);
        (Self { queue }, ResetQueue(requests))
    }

    /// Has a link mailed, if the address has an account. Never waits.
    pub fn ask(&self, email: Email, source: Source) -> Result<(), Error> {
        let full = |_| Error::new(Code::Unavailable, "Too many links are being asked for at this moment.");
        self.queue.try_send(Request { email, source }).map_err(full)
    }
}

impl ResetQueue {
    /// Mails links for as long as the server runs.
    pub async fn serve(mut self, state: web::Data<AppState>, mailer: Mailer, origin: String) {
        while let Some(request) = self.0.recv().await {
            if let Err(error) = answer(&state, &mailer, &origin, request).await {
                tracing::warn!(%error, "could not mail a link for a new password");
            }
        }
    }
}

async fn answer(state: &AppState, mailer: &Mailer, origin: &str, request: Request) -> Result<(), String> {
    let Request { email, source } = request;
    let found = state.db.read(move |connection| user::find_by_email(connection, &email)).await;
    let Some(found) = found.map_err(|error| error.to_string())?.filter(|found| found.enabled) else {
        tracing::info!("a link was asked for by an address without an account");
        return Ok(());
    };
    let (owner, email) = (found.user.id, found.email);
    if !state.limits.take(&MAILS, owner.as_str()).await.is_allowed {
        tracing::info!(user = %owner, "no more links for now");
        return Ok(());
    }
    let token = state.db.write(move |connection| make(connection, &owner, &source)).await;
    let (subject, text) = letter(&link(origin, &token.map_err(|error| error.to_string())?));
    mailer.send(&email, subject, text).await
}
