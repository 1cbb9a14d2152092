//! The session from start to end: restored when the app starts, ended by signing out. What follows it is in `person.rs`.

use super::session::{LogoutReason, SessionStatus};
use crate::api::Failure;
use crate::route::{self, Route};
use crate::state::State;
use crate::texts;
use crate::view::reactive::effect;
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
        effect(move || {
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

    /// The address to go to after signing in: where somebody was going, unless that was somebody else's list.
    pub(crate) fn next_address(self) -> String {
        let next = self.location.next();
        match Route::of(&next) {
            Route::List(_) if self.session.is_other_person() => route::HOME.into(),
            _ => next,
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

    /// Ends the session here and on the server; asks first if something would be lost.
    pub(crate) fn log_out(self) {
        let loses = untrack(|| self.open_list.unsent() > 0);
        let may = !loses || window().confirm_with_message(texts::account::unsent_are_lost()).unwrap_or(false);
        if !may || !self.drafts.may_leave() {
            return;
        }
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
}
