//! What systemd is told of the server, where it is a service of `Type=notify`: that it is ready, alive, and stopping. Nothing
//! elsewhere.

use sd_notify::NotifyState;
use std::future::pending;

/// The server listens.
pub fn tell_ready() {
    tell(NotifyState::Ready);
}

/// The server has begun to stop.
pub fn tell_stopping() {
    tell(NotifyState::Stopping);
}

/// Tells that the server is alive, twice in each of the watchdog's intervals (`WatchdogSec=`), from the thread that runs the feed:
/// a server whose tasks stand still is started again. Never ends.
pub async fn keep_watchdog() {
    let Some(interval) = sd_notify::watchdog_enabled() else { return pending().await };
    loop {
        tell(NotifyState::Watchdog);
        tokio::time::sleep(interval / 2).await;
    }
}

fn tell(state: NotifyState<'_>) {
    // An error is that of the manager's socket: it will think that the service is not ready, and say so.
    let _ = sd_notify::notify(&[state]);
}
