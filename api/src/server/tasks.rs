//! The background tasks of a server, apart from the feed.

use crate::auth::Auth;
use crate::auth::access_changes::publish_access_changes;
use crate::auth::reset_links::ResetMailReceiver;
use crate::config::Settings;
use crate::db::Db;
use crate::db::sweep::{self, Swept};
use crate::history::recorder::Recorder;
use crate::http::state::AppState;
use crate::notify::mail::Mailer;
use crate::notify::reset_mail::send_reset_mails;
use crate::stream::market_watch::publish_market;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape_shared::market::Market;

/// How often expired rows are deleted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// Starts the tasks of every server.
pub(super) fn start(
    settings: &Settings,
    state: &AppState,
    recorder: Arc<Recorder>,
    market: watch::Sender<Arc<Market>>,
) {
    let AppState { db, node, .. } = state;
    actix_web::rt::spawn(recorder.run(db.clone(), settings.bars_retention()));
    actix_web::rt::spawn(publish_market(state.market.calendar.clone(), node.clone(), market));
    actix_web::rt::spawn(publish_access_changes(db.clone(), node.clone()));
    actix_web::rt::spawn(delete_expired(db.clone(), settings.audit_retention()));
}

/// Starts the task that mails password reset links.
pub(super) fn start_reset_mails(receiver: ResetMailReceiver, auth: Arc<Auth>, mailer: Mailer, origin: String) {
    actix_web::rt::spawn(send_reset_mails(receiver, auth, mailer, origin));
}

async fn delete_expired(db: Db, audit_retention: Option<TimeDelta>) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        interval.tick().await;
        match db.write(move |connection| sweep::run(connection, audit_retention)).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "deleted expired rows"),
            Err(error) => tracing::warn!(%error, "could not delete expired rows"),
        }
    }
}
