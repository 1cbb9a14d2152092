//! A delay that can be cut short.

use futures::channel::oneshot;
use leptos::prelude::*;
use std::time::Duration;

/// The wait under way, if there is one.
#[derive(Default)]
pub(super) struct Wait {
    waker: Option<oneshot::Sender<()>>,
}

impl Wait {
    /// Starts a wait that ends after `length_ms`, or with [`Wait::end`].
    pub(super) fn begin(&mut self, length_ms: u64) -> impl Future<Output = ()> + use<> {
        let (waker, woken) = oneshot::channel::<()>();
        let (alarm, rung) = oneshot::channel::<()>();
        self.waker = Some(waker);
        set_timeout(
            move || {
                // The receiver is gone if the wait was cut short.
                let _ = alarm.send(());
            },
            Duration::from_millis(length_ms),
        );
        async move {
            futures::future::select(woken, rung).await;
        }
    }

    /// Starts a wait that only [`Wait::end`] ends.
    pub(super) fn begin_open(&mut self) -> impl Future<Output = ()> + use<> {
        let (waker, woken) = oneshot::channel::<()>();
        self.waker = Some(waker);
        async move {
            // The sender is dropped to end the wait: the error is the signal.
            let _ = woken.await;
        }
    }

    /// Ends the wait now.
    pub(super) fn end(&mut self) {
        self.waker = None;
    }
}
