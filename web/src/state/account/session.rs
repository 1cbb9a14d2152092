//! Who is signed in. The access token is kept in memory only: a script that gets into the page finds none in storage,
//! and a closed tab leaves none behind.

use crate::api::Failure;
use js_sys::Date;
use leptos::prelude::*;
use watchtape_shared::UserId;
use watchtape_shared::account::{SignedIn, User};

/// A token is renewed when it has less than this left, so that no request is sent with one that runs out on the way.
const SPARE_MS: f64 = 45_000.0;

/// What is known of who sits at the browser.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Standing {
    /// The server is being asked.
    Asking,
    /// The server could not be asked.
    Unknown(Failure),
    /// Nobody is signed in; perhaps somebody was until just now.
    Out(Option<Farewell>),
    /// Somebody is.
    In(User),
}

/// A [`Standing`] without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Asking,
    Unknown,
    Out,
    In,
}

/// How the last session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// Its owner signed out here.
    SignedOut,
    /// The server ended it, or it ran out.
    Expired,
    /// A new password was set by a link, which signs every device out.
    PasswordSet,
    /// Its owner deleted the account.
    Deleted,
}

struct Access {
    token: String,
    due_ms: f64,
}

/// The session of this tab.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    standing: RwSignal<Standing>,
    access: StoredValue<Option<Access>>,
}

impl Session {
    pub(in crate::state) fn new() -> Self {
        Self { standing: RwSignal::new(Standing::Asking), access: StoredValue::new(None) }
    }

    pub(crate) fn standing(self) -> ReadSignal<Standing> {
        self.standing.read_only()
    }

    /// Where it stands, without its details: changes only when another page is due.
    pub(crate) fn stage(self) -> Memo<Stage> {
        Memo::new(move |_| {
            self.standing.with(|standing| match standing {
                Standing::Asking => Stage::Asking,
                Standing::Unknown(_) => Stage::Unknown,
                Standing::Out(_) => Stage::Out,
                Standing::In(_) => Stage::In,
            })
        })
    }

    /// The account.
    pub(crate) fn user_id(self) -> Option<UserId> {
        self.standing.with(|standing| user_of(standing).map(|user| user.id.clone()))
    }

    /// The account's details, where one is signed in.
    pub(crate) fn user(self) -> Option<User> {
        self.standing.with(|standing| user_of(standing).cloned())
    }

    /// Whether a guest is signed in.
    pub(crate) fn is_guest(self) -> bool {
        self.standing.with(|standing| user_of(standing).is_some_and(|user| user.guest))
    }

    /// Takes over the account as it is now.
    pub(crate) fn update_user(self, user: User) {
        self.standing.set(Standing::In(user));
    }

    /// Takes over what the server answered to signing in or to a renewal.
    pub(crate) fn accept(self, signed_in: SignedIn) {
        let lifetime_ms = signed_in.expires_in as f64 * 1000.0;
        // A token that lives shorter than the spare time is used for half of its life.
        let due_ms = Date::now() + (lifetime_ms - SPARE_MS).max(lifetime_ms / 2.0);
        self.access.set_value(Some(Access { token: signed_in.access_token, due_ms }));
        let standing = Standing::In(signed_in.user);
        if self.standing.with_untracked(|held| *held != standing) {
            self.standing.set(standing);
        }
    }

    /// Forgets the token. Only the first of several that notice the end says how it came.
    pub(crate) fn end(self, farewell: Farewell) {
        self.access.set_value(None);
        let was_in = match self.standing.get_untracked() {
            _ if farewell == Farewell::PasswordSet => true,
            Standing::Out(_) => return,
            Standing::In(_) => true,
            Standing::Asking | Standing::Unknown(_) => false,
        };
        self.standing.set(Standing::Out(was_in.then_some(farewell)));
    }

    pub(crate) fn fail(self, failure: Failure) {
        self.standing.set(Standing::Unknown(failure));
    }

    pub(crate) fn token(self) -> Option<String> {
        self.access.with_value(|access| access.as_ref().map(|access| access.token.clone()))
    }

    /// Whether the token runs out shortly or has done so.
    pub(crate) fn token_is_due(self) -> bool {
        self.access.with_value(|access| access.as_ref().is_some_and(|access| Date::now() >= access.due_ms))
    }
}

fn user_of(standing: &Standing) -> Option<&User> {
    match standing {
        Standing::In(user) => Some(user),
        _ => None,
    }
}
