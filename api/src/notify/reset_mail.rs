//! Mails with a password reset link. They are sent after the request has been answered (`auth::reset_links`).

use super::mail::Mailer;
use crate::auth::Auth;
use crate::auth::reset_links::{ResetMailReceiver, ResetMailRequest, create, link};
use crate::db::user;
use crate::limits::Policy;
use std::time::Duration;

/// Mails to an account, so that strangers cannot flood its mailbox.
const MAILS: Policy = Policy { name: "reset-mail", quota: 3, window: Duration::from_secs(3600) };

/// The subject and text of the mail with this link.
pub fn reset_mail(link: &str) -> (&'static str, String) {
    let text = format!(
        "Somebody, we hope you, asked to set a new password for your Watchtape account.\n\n\
         Set it here within an hour:\n\n{link}\n\n\
         If it was not you, do nothing: your password stays as it is.\n"
    );
    ("Set a new Watchtape password", text)
}

/// Sends the mails of this queue for as long as the server runs. `origin` is the app's origin, for the links.
pub async fn send_reset_mails(queue: &mut ResetMailReceiver, auth: &Auth, mailer: &Mailer, origin: &str) {
    while let Some(request) = queue.0.recv().await {
        if let Err(error) = send_reset_mail(auth, mailer, origin, request).await {
            tracing::warn!(%error, "could not mail a password reset link");
        }
    }
}

async fn send_reset_mail(auth: &Auth, mailer: &Mailer, origin: &str, request: ResetMailRequest) -> Result<(), String> {
    let ResetMailRequest { email, request_info } = request;
    let found = auth.db.read(move |connection| user::find_by_email(connection, &email)).await;
    let Some(found) = found.map_err(|error| error.to_string())?.filter(|found| found.enabled) else {
        tracing::info!("a reset link was requested for an address without an account");
        return Ok(());
    };
    let (owner, email) = (found.user.id, found.email);
    if !auth.limiter.take(&MAILS, owner.as_str()).await.is_allowed {
        tracing::info!(user = %owner, "no reset link mailed: too many for this account within an hour");
        return Ok(());
    }
    let token = auth.db.write(move |connection| create(connection, &owner, &request_info)).await;
    let (subject, text) = reset_mail(&link(origin, &token.map_err(|error| error.to_string())?));
    mailer.send(&email, subject, text).await
}
