//! Eviction of slow clients: a connection that has unsent rows and no room for `MAX_MISSED_CHECKS` checks loses its
//! subscriptions, and is closed with 4008 once its socket has room. If it never has, the kernel ends the TCP connection
//! (`TCP_USER_TIMEOUT`, `server::listener`).

use super::close_state::CloseState;
use super::worker::Worker;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

const CHECK_INTERVAL: Duration = Duration::from_secs(1);
/// After how many checks without a read a client is evicted.
const MAX_MISSED_CHECKS: u8 = 5;

/// Evicts the slow clients of this worker thread; never returns.
pub(super) async fn evict_slow_clients(worker: Rc<Worker>) {
    let mut checks = tokio::time::interval(CHECK_INTERVAL);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        checks.tick().await;
        let slow = worker.hub.borrow_mut().find_slow(MAX_MISSED_CHECKS);
        for key in slow {
            worker.hub.borrow_mut().unsubscribe_all(key);
            worker.set_close_state(key, CloseState::TooSlow);
            worker.metrics.stream.too_slow.inc();
        }
    }
}
