//! The background tasks of a server, apart from the feed. Each is supervised.

use super::calendar_file;
use super::deletion_guard::DeletionGuard;
use super::event_loop;
use crate::auth::access_changes::publish_access_changes;
use crate::clock;
use crate::config::Settings;
use crate::db::Db;
use crate::db::sweep::{self, Swept};
use crate::history::recorder::Recorder;
use crate::http::state::AppState;
use crate::stream::market_watch::publish_market;
use crate::telemetry::metrics::Metrics;
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use watchtape_shared::market::Market;

/// How often expired rows are deleted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);
/// How often a sweep that may not delete yet looks again.
const WAIT_INTERVAL: Duration = Duration::from_secs(60);

/// Starts the tasks of every server.
pub(super) fn start(
    settings: &Settings,
    state: &AppState,
    recorder: Arc<Recorder>,
    market: watch::Sender<Arc<Market>>,
) {
    let (AppState { db, node, tasks, .. }, guard, market) = (state, DeletionGuard::default(), Arc::new(market));
    let watch = {
        let (db, guard) = (db.clone(), guard.clone());
        move || guard.clone().watch(db.clone())
    };
    tasks.supervise("deletion_guard", watch);
    let record = {
        let (db, guard, retention) = (db.clone(), guard.clone(), settings.bars_retention());
        move || {
            let guard = guard.clone();
            recorder.clone().run(db.clone(), retention, move || guard.allows())
        }
    };
    tasks.supervise("recorder", record);
    let (path, calendar) = (settings.calendar_file(), state.market.calendar.clone());
    tasks.supervise("calendar_file", move || calendar_file::watch(path.clone(), calendar.clone()));
    let publish = {
        let (calendar, node) = (state.market.calendar.clone(), node.clone());
        move || publish_market(calendar.clone(), node.clone(), market.clone())
    };
    tasks.supervise("market", publish);
    let (access_db, access_node) = (db.clone(), node.clone());
    tasks.supervise("access_changes", move || publish_access_changes(access_db.clone(), access_node.clone()));
    let (sweep_db, retention, metrics) = (db.clone(), settings.audit_retention(), state.metrics.clone());
    tasks.supervise("sweep", move || delete_expired(sweep_db.clone(), retention, guard.clone(), metrics.clone()));
    event_loop::watch(tasks, "main".to_owned(), &state.metrics);
}

async fn delete_expired(db: Db, audit_retention: Option<TimeDelta>, guard: DeletionGuard, metrics: Arc<Metrics>) {
    let metrics = &metrics.work;
    loop {
        if !guard.allows() {
            tokio::time::sleep(WAIT_INTERVAL).await;
            continue;
        }
        let began = clock::monotonic();
        let swept = sweep::run_in_portions(&db, audit_retention, || guard.allows()).await;
        metrics.sweep_duration.observe(began.elapsed().as_secs_f64());
        if let Ok(swept) = &swept {
            metrics.sweep_rows.inc_by(swept.total() as u64);
        }
        match swept {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "deleted expired rows"),
            Err(error) => tracing::warn!(%error, "could not delete expired rows"),
        }
        tokio::time::sleep(SWEEP_INTERVAL).await;
    }
}
