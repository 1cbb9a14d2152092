//! Slow clients: a connection whose client does not read is closed with 4008, and costs nothing until it has room for that.
//! The kernel ends such a connection a moment later (`server::listener`), whatever state it is in.

use super::close_state::CloseState;
use super::worker::Worker;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often the worker thread looks for slow clients, and after how many looks one is evicted.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);
const SWEEPS: u8 = 5;

/// Evicts the slow clients of this worker thread, for as long as it runs.
pub(super) async fn evict_slow_clients(worker: Rc<Worker>) {
    let mut sweeps = tokio::time::interval(SWEEP_INTERVAL);
    sweeps.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        sweeps.tick().await;
        let overdue = worker.hub.borrow_mut().sweep(SWEEPS);
        for key in overdue {
            worker.hub.borrow_mut().clear(key);
            worker.set_close_state(key, CloseState::TooSlow);
            worker.metrics.too_slow.inc();
        }
    }
}
