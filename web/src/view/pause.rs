//! Waiting in a task.

use futures::channel::oneshot;
use leptos::prelude::set_timeout;
use std::time::Duration;

/// Waits so long.
pub(crate) async fn pause(time: Duration) {
    let (sender, receiver) = oneshot::channel::<()>();
    set_timeout(move || drop(sender), time);
    // The sender is dropped when the time has passed: the error is the signal.
    let _ = receiver.await;
}
