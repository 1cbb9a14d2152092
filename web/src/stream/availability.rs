//! When the stream connects: not without a network, and not while the tab has been hidden for more than 30 s.

use super::PriceStream;
use super::connection::ConnectionStatus;
use super::event::StreamEvent;
use leptos::ev::Custom;
use leptos::prelude::*;
use std::time::Duration;
use web_sys::Event;

/// A glance at another tab keeps the connection.
const SUSPEND_AFTER: Duration = Duration::from_secs(30);

/// Whether the stream is suspended because the tab is hidden.
#[derive(Default)]
pub(super) struct Suspension {
    is_suspended: bool,
    /// The timer until it is.
    timer: Option<TimeoutHandle>,
}

impl PriceStream {
    /// Connects at once when the network comes back, and closes the socket when it goes.
    pub(super) fn follow_network(self) {
        window_event_listener(leptos::ev::online, move |_| self.retry_now());
        window_event_listener(leptos::ev::offline, move |_| {
            self.connection.set(ConnectionStatus::Offline);
            self.close_socket();
        });
    }

    /// Connects now, without waiting any longer.
    pub(crate) fn retry_now(self) {
        self.inner.update_value(|inner| inner.wait.end());
    }

    /// Suspends the stream when the tab has been hidden for a while, and resumes it when the tab is shown.
    pub(super) fn follow_visibility(self) {
        let update = move || if document().hidden() { self.suspend_later() } else { self.resume() };
        window_event_listener(Custom::<Event>::new("visibilitychange"), move |_| update());
        update();
    }

    /// Waits until the stream is resumed, if it is suspended.
    pub(super) fn suspension(self) -> Option<impl Future<Output = ()> + use<>> {
        self.inner.try_update_value(|inner| inner.suspension.is_suspended.then(|| inner.wait.begin_open())).flatten()
    }

    pub(super) fn is_suspended(self) -> bool {
        self.inner.with_value(|inner| inner.suspension.is_suspended)
    }

    fn suspend_later(self) {
        let begin = move || {
            self.inner.update_value(|inner| {
                inner.suspension.is_suspended = true;
                // A wait for the next attempt ends with it.
                inner.wait.end();
            });
            self.close_socket();
        };
        let due = set_timeout_with_handle(begin, SUSPEND_AFTER).ok();
        self.inner.update_value(|inner| inner.suspension.timer = due);
    }

    fn resume(self) {
        self.report(StreamEvent::TabShown);
        let was_suspended = self.inner.try_update_value(|inner| {
            if let Some(due) = inner.suspension.timer.take() {
                due.clear();
            }
            std::mem::take(&mut inner.suspension.is_suspended)
        });
        if was_suspended == Some(true) {
            // The prices on screen are old, as their age says, but the connection was not lost.
            if !untrack(|| self.connection.is_lost()) {
                self.connection.set(ConnectionStatus::Connecting);
            }
            self.retry_now();
        }
    }

    fn close_socket(self) {
        self.inner.with_value(|inner| {
            if let Some(socket) = &inner.socket {
                socket.close();
            }
        });
    }
}

/// Whether the browser reports a network.
pub(super) fn has_network() -> bool {
    window().navigator().on_line()
}
