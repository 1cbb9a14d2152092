//! How late the timers of a thread are: what else the thread does makes all of its work wait so long.

use crate::telemetry::metrics::{Metrics, SecondsGauge};
use crate::telemetry::supervision::Tasks;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// How often a thread looks.
const INTERVAL: Duration = Duration::from_secs(1);
/// The worst of so many looks is shown, so that a scraper that asks four times a minute misses none.
const SHOWN: usize = 20;

/// Starts the task that measures the lag of this thread, which is called `worker`.
pub(super) fn watch(tasks: &Tasks, worker: String, metrics: &Metrics) {
    let gauge = metrics.server.event_loop_lag_of(worker);
    tasks.supervise("event_loop", move || measure(gauge.clone()));
}

async fn measure(gauge: SecondsGauge) {
    let mut lags = VecDeque::with_capacity(SHOWN);
    loop {
        let due = Instant::now() + INTERVAL;
        tokio::time::sleep_until(due).await;
        lags.truncate(SHOWN - 1);
        lags.push_front(due.elapsed());
        gauge.set(lags.iter().max().map_or(0.0, Duration::as_secs_f64));
    }
}
