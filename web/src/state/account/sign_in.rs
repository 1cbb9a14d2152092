//! The session from start to end: restored when the app starts, ended by signing out. Lists and stream follow it.

use super::session::{LogoutReason, SessionStatus};
use crate::api::Failure;
use crate::state::State;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

const RETRY_AFTER: Duration = Duration::from_secs(8);

impl State {
    /// Restores the session from the refresh cookie. While the server does not answer, tries again every few seconds and
    /// as soon as the network is back.
    pub(crate) fn restore_session(self) {
        let timer = StoredValue::new(None::<TimeoutHandle>);
        window_event_listener(leptos::ev::online, move |_| self.retry_session());
        Effect::new(move |_| {
            let is_unknown = self.session.status().with(|status| matches!(status, SessionStatus::Unknown(_)));
            let next =
                is_unknown.then(|| set_timeout_with_handle(move || self.retry_session(), RETRY_AFTER).ok()).flatten();
            if let Some(before) = timer.try_update_value(|timer| std::mem::replace(timer, next)).flatten() {
                before.clear();
            }
        });
        self.renew_session();
    }

    /// Tries once more, if the server has not answered yet. What the page says of the failure stays meanwhile.
    pub(crate) fn retry_session(self) {
        if matches!(self.session.status().get_untracked(), SessionStatus::Unknown(_)) {
            self.renew_session();
        }
    }

    fn renew_session(self) {
        spawn_local(async move {
            match self.api.renew().await {
                // Both have reached the session as events of the API client.
                Ok(()) | Err(Failure::SignedOut) => {}
                Err(failure) => self.session.fail(failure),
            }
        });
    }

    /// Ends the session here and on the server.
    pub(crate) fn log_out(self) {
        spawn_local(async move {
            match self.api.log_out().await {
                // Without a session there is none to end.
                Err(failure) if failure.status() != Some(401) => {
                    self.toasts.fail(texts::account::still_signed_in(), &failure);
                }
                _ => self.session.end(LogoutReason::SignedOut),
            }
        });
    }

    /// Loads the lists and starts the stream when somebody signs in, and clears both when they sign out.
    pub(crate) fn follow_session(self) {
        let current = StoredValue::new(None);
        Effect::new(move |_| {
            let user = self.session.user_id();
            if current.try_update_value(|current| std::mem::replace(current, user.clone())) == Some(user.clone()) {
                return;
            }
            self.stream.stop();
            self.lists.clear();
            self.open_list.close();
            self.open_list.discard_changes();
            self.palette.clear();
            self.dialogs.close();
            self.market.set(None);
            if user.is_some() {
                self.lists.load();
                self.stream.start();
            }
        });
    }
}
