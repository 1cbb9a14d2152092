//! The sign-in session: who is signed in, or how the last session ended.

use crate::api::{AccessToken, Failure};
use crate::view::reactive::memo;
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
    /// As [`Self::Expired`], of a guest: there is no password to sign in again with.
    GuestEnded,
    /// The password was reset by a link, which signs every device out.
    PasswordSet,
    /// The account was deleted.
    Deleted,
}

impl LogoutReason {
    /// Whether the person has ended it themselves, and does not expect to find what they left.
    pub(crate) fn is_final(self) -> bool {
        self != Self::Expired
    }
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    status: RwSignal<SessionStatus>,
    access: AccessToken,
    /// Who was signed in last in this tab, and whether they took the place of somebody else.
    last: StoredValue<Option<UserId>>,
    is_other: StoredValue<bool>,
}

impl Session {
    pub(in crate::state) fn new(access: AccessToken) -> Self {
        let status = RwSignal::new(SessionStatus::Checking);
        Self { status, access, last: StoredValue::new(None), is_other: StoredValue::new(false) }
    }

    pub(crate) fn status(self) -> ReadSignal<SessionStatus> {
        self.status.read_only()
    }

    /// The status without its details: it changes only when another page has to be shown.
    pub(crate) fn stage(self) -> Memo<SessionStage> {
        memo(move |_| self.stage_now())
    }

    /// The same inside another memo.
    pub(crate) fn stage_now(self) -> SessionStage {
        self.status.with(|status| match status {
            SessionStatus::Checking => SessionStage::Checking,
            SessionStatus::Unknown(_) => SessionStage::Unknown,
            SessionStatus::SignedOut(_) => SessionStage::SignedOut,
            SessionStatus::SignedIn(_) => SessionStage::SignedIn,
        })
    }

    /// Why the last session ended; `None` while there is one.
    pub(crate) fn logout_reason(self) -> Option<LogoutReason> {
        self.status.with(|status| if let SessionStatus::SignedOut(reason) = status { *reason } else { None })
    }

    /// Whether whoever is signed in has taken the place of somebody else: addresses of this tab may be that person's.
    pub(crate) fn is_other_person(self) -> bool {
        self.is_other.get_value()
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
        let user = Some(signed_in.user.id.clone());
        let last = self.last.try_update_value(|last| std::mem::replace(last, user.clone())).flatten();
        if last.is_some() {
            self.is_other.set_value(last != user);
        }
        let status = SessionStatus::SignedIn(signed_in.user);
        if self.status.with_untracked(|held| *held != status) {
            self.status.set(status);
        }
    }

    /// Ends the session. If several parts notice the end, the first one's reason counts.
    pub(crate) fn end(self, reason: LogoutReason) {
        self.access.clear();
        let told = match self.status.get_untracked() {
            _ if reason == LogoutReason::PasswordSet => Some(reason),
            SessionStatus::SignedOut(_) => return,
            SessionStatus::SignedIn(user) if user.guest && reason == LogoutReason::Expired => {
                Some(LogoutReason::GuestEnded)
            }
            SessionStatus::SignedIn(_) => Some(reason),
            SessionStatus::Checking | SessionStatus::Unknown(_) => None,
        };
        self.status.set(SessionStatus::SignedOut(told));
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
