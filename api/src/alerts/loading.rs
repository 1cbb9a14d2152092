//! Loads what a term begins with: all active alerts, and the values that they were last compared with. In portions, so that
//! loading holds neither a connection nor much memory.

use super::evaluator::Evaluator;
use crate::clock;
use crate::db::{Db, Error, alert_evaluation, alert_value, alert_watch};
use crate::telemetry::throttled_log::ThrottledLog;
use std::time::Duration;
use watchtape_shared::stream::Source;

/// Alerts of one query.
const ALERTS: i64 = 5_000;
/// Symbols of one query of values.
const SYMBOLS: i64 = 2_000;
/// Pauses after a failure, the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// The alerts of a term that begins now. Tries again until the database has answered everything.
pub(super) async fn load_until_through(db: &Db, source: &Source) -> Evaluator {
    static LOG: ThrottledLog = ThrottledLog::new();
    let began_at = clock::now();
    let mut pause = PAUSES.0;
    loop {
        let error = match load(db, source, began_at).await {
            Ok(evaluator) => return evaluator,
            Err(error) => error,
        };
        if LOG.is_due() {
            tracing::warn!(%error, "alerts cannot be loaded: trying again");
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

async fn load(db: &Db, source: &Source, began_at: chrono::DateTime<chrono::Utc>) -> Result<Evaluator, Error> {
    let started = clock::monotonic();
    let until = db.read(alert_evaluation::until).await?;
    let mut evaluator = Evaluator::new(source.clone(), began_at, until);
    let mut after = None;
    loop {
        let (values, last) = db.snapshot(move |connection| alert_value::list(connection, after, SYMBOLS)).await?;
        values.into_iter().for_each(|value| evaluator.restore(value));
        after = last;
        if after.is_none() {
            break;
        }
    }
    let (mut after, mut failed) = (None, 0);
    loop {
        let portion = db.read(move |connection| alert_watch::list_active(connection, after.as_deref(), ALERTS)).await?;
        for error in portion.errors.iter().take(1) {
            tracing::error!(%error, "an alert cannot be read");
        }
        failed += portion.errors.len();
        let portion_after = portion.last.clone();
        evaluator = insert_all(evaluator, portion).await?;
        after = portion_after;
        if after.is_none() {
            break;
        }
    }
    evaluator.drop_unused();
    let (alerts, took_ms) = (evaluator.len(), started.elapsed().as_millis() as u64);
    tracing::info!(alerts, failed, took_ms, "alerts are evaluated on this node");
    Ok(evaluator)
}

/// Off the worker's thread, on which the feed may run.
async fn insert_all(mut evaluator: Evaluator, portion: alert_watch::Portion) -> Result<Evaluator, Error> {
    let inserted = tokio::task::spawn_blocking(move || {
        // Restored values trigger nothing.
        let mut triggers = Vec::new();
        portion.alerts.iter().for_each(|alert| evaluator.insert(alert, &mut triggers));
        evaluator
    });
    inserted.await.map_err(|error| Error::Corrupt(error.to_string()))
}
