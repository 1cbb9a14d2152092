//! Everything of the app that changes, in one place. Views read it; only the methods here and the stream write it.
//!
//! ```text
//!   pages, components ── read ──▶ session  lists  list  quotes  connection  market  toasts  preferences  clock
//!           │ call                    ▲      ▲     ▲      ▲         ▲         ▲
//!           └──────── methods ────────┴──────┴─────┘      └── live/ ┴─────────┘
//! ```
//!
//! Each part is a handful of signals that is copied like a reference.

pub(crate) mod actions;
pub(crate) mod clock;
pub(crate) mod connection;
pub(crate) mod finder;
mod finder_answers;
pub(crate) mod import;
pub(crate) mod list;
mod list_changes;
pub(crate) mod lists;
mod order;
pub(crate) mod place;
pub(crate) mod preferences;
pub(crate) mod quotes;
mod recent;
pub(crate) mod search;
pub(crate) mod session;
pub(crate) mod storage;
pub(crate) mod toasts;
pub(crate) mod tools;

use crate::api::{Api, Failure};
use crate::live::Live;
use clock::Clock;
use connection::Connection;
use leptos::prelude::*;
use leptos::task::spawn_local;
use list::List;
use lists::Lists;
use place::Place;
use preferences::Preferences;
use quotes::Quotes;
use search::Search;
use session::{Farewell, Session, Standing};
use std::time::Duration;
use toasts::Toasts;
use tools::Tools;
use watchtape_shared::market::Market;

const ASK_AGAIN: Duration = Duration::from_secs(8);

/// The app's state, whole.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) api: Api,
    pub(crate) place: Place,
    pub(crate) session: Session,
    pub(crate) lists: Lists,
    pub(crate) list: List,
    pub(crate) quotes: Quotes,
    pub(crate) search: Search,
    pub(crate) tools: Tools,
    pub(crate) connection: Connection,
    /// The exchanges and the feed, once they are known.
    pub(crate) market: RwSignal<Option<Market>>,
    pub(crate) toasts: Toasts,
    pub(crate) preferences: Preferences,
    pub(crate) clock: Clock,
    pub(crate) live: Live,
}

impl State {
    /// Makes the state and puts it within reach of every component below.
    pub(crate) fn provide() -> Self {
        let place = Place::new();
        let session = Session::new();
        let api = Api::new(session);
        let toasts = Toasts::new();
        let clock = Clock::start(toasts);
        let quotes = Quotes::new();
        let connection = Connection::new();
        let market = RwSignal::new(None);
        let lists = Lists::new(api);
        let list = List::new(api, lists, quotes, connection, toasts);
        let live = Live::new(api, session, lists, list, quotes, connection, market, clock);
        let search = Search::new();
        let preferences = Preferences::load();
        let state = Self {
            place,
            api,
            session,
            lists,
            list,
            quotes,
            search,
            tools: Tools::new(),
            connection,
            market,
            toasts,
            preferences,
            clock,
            live,
        };
        provide_context(state);
        state
    }

    /// Asks the server who this browser is. Where it cannot be asked, tries again until it can.
    pub(crate) fn ask_who(self) {
        self.session.ask();
        spawn_local(async move {
            match self.api.renew().await {
                // A good answer and a refusal have both been noted on the way.
                Ok(()) | Err(Failure::SignedOut) => {}
                Err(failure) => {
                    self.session.fail(failure);
                    set_timeout(move || self.ask_again(), ASK_AGAIN);
                }
            }
        });
    }

    /// Asks once more, if nobody has answered since.
    pub(crate) fn ask_again(self) {
        if matches!(self.session.standing().get_untracked(), Standing::Unknown(_)) {
            self.ask_who();
        }
    }

    /// Ends the session here and on the server.
    pub(crate) fn log_out(self) {
        spawn_local(async move {
            match self.api.log_out().await {
                // Without a session there is none to end.
                Err(failure) if failure.status() != Some(401) => self.toasts.fail("You are still signed in.", &failure),
                _ => self.session.end(Farewell::SignedOut),
            }
        });
    }

    /// Follows who is signed in: their lists and their stream come with them and go with them.
    pub(crate) fn follow_session(self) {
        let held = StoredValue::new(None);
        Effect::new(move |_| {
            let user = self.session.user_id();
            if held.try_update_value(|held| std::mem::replace(held, user.clone())) == Some(user.clone()) {
                return;
            }
            self.live.stop();
            self.lists.clear();
            self.list.close();
            self.search.clear();
            self.tools.close();
            self.market.set(None);
            if user.is_some() {
                self.lists.load();
                self.live.start();
            }
        });
    }
}

/// The state, inside a component.
pub(crate) fn state() -> State {
    expect_context()
}
