//! The sign-in session: who is signed in, or how the last session ended.

use crate::api::{AccessToken, Failure};
use leptos::prelude::*;
use watchtape_shared::UserId;
use watchtape_shared::account::{SignedIn, User};

/// Whether somebody is signed in at this browser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum SessionStatus {
    /// The server is being asked; its answer is awaited.
    Checking,
    /// The server could not be asked.
    Unknown(Failure),
    /// Nobody is signed in; with the reason, if a session has just ended.
    SignedOut(Option<LogoutReason>),
    /// Somebody is.
    SignedIn(User),
}

/// A [`SessionStatus`] without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionStage {
    Checking,
    Unknown,
    SignedOut,
    SignedIn,
}

/// Why the last session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogoutReason {
    /// Signed out on this device.
    SignedOut,
    /// Revoked by the server, or expired.
    Expired,
    /// The password was reset by a link, which signs every device out.
    PasswordSet,
    /// The account was deleted.
    Deleted,
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    status: RwSignal<SessionStatus>,
    access: AccessToken,
}

impl Session {
    pub(in crate::state) fn new(access: AccessToken) -> Self {
        Self { status: RwSignal::new(SessionStatus::Checking), access }
    }

    pub(crate) fn status(self) -> ReadSignal<SessionStatus> {
        self.status.read_only()
    }

    /// The status without its details: it changes only when another page has to be shown.
    pub(crate) fn stage(self) -> Memo<SessionStage> {
        Memo::new(move |_| {
            self.status.with(|status| match status {
                SessionStatus::Checking => SessionStage::Checking,
                SessionStatus::Unknown(_) => SessionStage::Unknown,
                SessionStatus::SignedOut(_) => SessionStage::SignedOut,
                SessionStatus::SignedIn(_) => SessionStage::SignedIn,
            })
        })
    }

    /// The id of the signed-in account.
    pub(crate) fn user_id(self) -> Option<UserId> {
        self.status.with(|status| user_of(status).map(|user| user.id.clone()))
    }

    /// The signed-in account.
    pub(crate) fn user(self) -> Option<User> {
        self.status.with(|status| user_of(status).cloned())
    }

    /// Whether a guest is signed in.
    pub(crate) fn is_guest(self) -> bool {
        self.status.with(|status| user_of(status).is_some_and(|user| user.guest))
    }

    /// Replaces the account's details.
    pub(crate) fn update_user(self, user: User) {
        self.status.set(SessionStatus::SignedIn(user));
    }

    /// Begins or renews the session with the server's answer.
    pub(crate) fn accept(self, signed_in: SignedIn) {
        self.access.store(&signed_in);
        let status = SessionStatus::SignedIn(signed_in.user);
        if self.status.with_untracked(|held| *held != status) {
            self.status.set(status);
        }
    }

    /// Ends the session. If several parts notice the end, the first one's reason counts.
    pub(crate) fn end(self, reason: LogoutReason) {
        self.access.clear();
        let was_in = match self.status.get_untracked() {
            _ if reason == LogoutReason::PasswordSet => true,
            SessionStatus::SignedOut(_) => return,
            SessionStatus::SignedIn(_) => true,
            SessionStatus::Checking | SessionStatus::Unknown(_) => false,
        };
        self.status.set(SessionStatus::SignedOut(was_in.then_some(reason)));
    }

    pub(crate) fn fail(self, failure: Failure) {
        self.status.set(SessionStatus::Unknown(failure));
    }
}

fn user_of(status: &SessionStatus) -> Option<&User> {
    match status {
        SessionStatus::SignedIn(user) => Some(user),
        _ => None,
    }
}
