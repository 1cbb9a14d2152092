//! Whether this tab can and need be connected: the network comes and goes, and a tab that nobody sees rests.

use crate::stream::Live;
use crate::stream::connection::Link;
use leptos::ev::Custom;
use leptos::prelude::*;
use std::time::Duration;
use web_sys::Event;

/// A glance at another tab is no rest.
const HIDDEN: Duration = Duration::from_secs(30);

/// A hidden tab's rest.
#[derive(Default)]
pub(super) struct Rest {
    resting: bool,
    /// Until it begins.
    due: Option<TimeoutHandle>,
}

impl Live {
    /// Waits no longer when the network comes back, and says so when it goes.
    pub(super) fn follow_network(self) {
        window_event_listener(leptos::ev::online, move |_| self.try_now());
        window_event_listener(leptos::ev::offline, move |_| {
            self.connection.set(Link::Offline);
            self.hang_up();
        });
    }

    /// Tries to connect without waiting any longer.
    pub(crate) fn try_now(self) {
        self.inner.update_value(|inner| inner.pause.end());
    }

    /// Rests when the tab has been hidden for a while, and catches up as soon as it is seen.
    pub(super) fn follow_visibility(self) {
        let look = move || if document().hidden() { self.lie_down() } else { self.get_up() };
        window_event_listener(Custom::<Event>::new("visibilitychange"), move |_| look());
        look();
    }

    /// The rest under way, if there is one.
    pub(super) fn rest(self) -> Option<impl Future<Output = ()> + use<>> {
        self.inner.try_update_value(|inner| inner.rest.resting.then(|| inner.pause.begin_open())).flatten()
    }

    pub(super) fn is_resting(self) -> bool {
        self.inner.with_value(|inner| inner.rest.resting)
    }

    fn lie_down(self) {
        let begin = move || {
            self.inner.update_value(|inner| {
                inner.rest.resting = true;
                // A wait for the next try becomes a rest.
                inner.pause.end();
            });
            self.hang_up();
        };
        let due = set_timeout_with_handle(begin, HIDDEN).ok();
        self.inner.update_value(|inner| inner.rest.due = due);
    }

    fn get_up(self) {
        self.clock.beat();
        self.quotes.catch_up();
        let has_rested = self.inner.try_update_value(|inner| {
            if let Some(due) = inner.rest.due.take() {
                due.clear();
            }
            std::mem::take(&mut inner.rest.resting)
        });
        if has_rested == Some(true) {
            // What is shown is old, which its age says, and not lost.
            if !untrack(|| self.connection.is_lost()) {
                self.connection.set(Link::Connecting);
            }
            self.try_now();
        }
    }

    fn hang_up(self) {
        self.inner.with_value(|inner| {
            if let Some(socket) = &inner.socket {
                socket.close();
            }
        });
    }
}

/// What the browser believes of the network.
pub(super) fn has_network() -> bool {
    window().navigator().on_line()
}
