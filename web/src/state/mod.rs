//! Everything of the app that changes, in one place. Views read it; only the methods here and the stream write it.
//!
//! ```text
//!   pages, components ── read ──▶ session  lists  list  quotes  connection  market  toasts  preferences  clock
//!           │ call                    ▲      ▲     ▲      ▲         ▲         ▲
//!           └──────── methods ────────┴──────┴─────┘      └── live/ ┴─────────┘
//! ```
//!
//! Each part is a handful of signals that is copied like a reference.

pub(crate) mod account;
pub(crate) mod appearance;
pub(crate) mod clock;
pub(crate) mod lists;
pub(crate) mod local_storage;
pub(crate) mod prices;
pub(crate) mod search;
pub(crate) mod shell;
pub(crate) mod undo_stack;

use crate::api::{Api, Failure};
use crate::stream::Live;
use crate::stream::connection::Connection;
use crate::texts;
use account::session::{Farewell, Session, Standing};
use appearance::columns::Columns;
use appearance::preferences::{Motion, Preferences};
use clock::Clock;
use leptos::prelude::*;
use leptos::task::spawn_local;
use lists::editing_tools::Tools;
use lists::open_list::List;
use lists::rows::Rows;
use lists::selection::Selection;
use lists::sorting::Sorting;
use lists::watchlists::Lists;
use prices::price_card::Card;
use prices::quotes::Quotes;
use prices::sparklines::Sparks;
use prices::visible_symbols::Shown;
use search::palette::Search;
use shell::dialogs::Overlay;
use shell::location::Place;
use shell::toasts::Toasts;
use std::time::Duration;
use undo_stack::{Undo, Way};
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
    pub(crate) selection: Selection,
    pub(crate) undo: Undo,
    pub(crate) overlay: Overlay,
    pub(crate) tools: Tools,
    pub(crate) quotes: Quotes,
    /// Which symbols are on screen: `show` and `hide` decide what is subscribed.
    pub(crate) shown: Shown,
    /// The lines of the table as they are seen, and how they are sorted.
    pub(crate) rows: Rows,
    pub(crate) sorting: Sorting,
    pub(crate) columns: Columns,
    pub(crate) sparks: Sparks,
    pub(crate) card: Card,
    pub(crate) search: Search,
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
        let toasts = Toasts::new();
        let clock = Clock::start(toasts);
        let api = Api::new(session, clock);
        let shown = Shown::new();
        let quotes = Quotes::new(shown);
        let connection = Connection::new();
        let market = RwSignal::new(None);
        let undo = Undo::new();
        let lists = Lists::new(api, toasts, undo);
        let list = List::new(api, lists, quotes, connection, toasts, undo);
        let live = Live::new(api, session, lists, list, quotes, shown, connection, market, clock);
        let search = Search::new();
        let preferences = Preferences::load();
        Effect::new(move |_| quotes.be_calm(preferences.motion.get() == Motion::Calm));
        let sorting = Sorting::new(list, quotes, preferences);
        let rows = Rows::new(list, quotes, sorting);
        let selection = Selection::new(list, rows);
        let sparks = Sparks::new(api, clock);
        let state = Self {
            place,
            api,
            session,
            lists,
            list,
            selection,
            undo,
            overlay: Overlay::new(),
            tools: Tools::new(),
            quotes,
            shown,
            rows,
            sorting,
            columns: Columns::load(),
            sparks,
            card: Card::new(),
            search,
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

    /// Asks the server who this browser is. Where it cannot be asked, tries again until it can, and at once when the
    /// network comes back.
    pub(crate) fn ask_who(self) {
        let timer = StoredValue::new(None::<TimeoutHandle>);
        window_event_listener(leptos::ev::online, move |_| self.ask_again());
        Effect::new(move |_| {
            let is_unknown = self.session.standing().with(|standing| matches!(standing, Standing::Unknown(_)));
            let next = is_unknown.then(|| set_timeout_with_handle(move || self.ask_again(), ASK_AGAIN).ok()).flatten();
            if let Some(before) = timer.try_update_value(|timer| std::mem::replace(timer, next)).flatten() {
                before.clear();
            }
        });
        self.ask();
    }

    /// Asks once more, if nobody has answered since. What is said of the trouble stays meanwhile.
    pub(crate) fn ask_again(self) {
        if matches!(self.session.standing().get_untracked(), Standing::Unknown(_)) {
            self.ask();
        }
    }

    fn ask(self) {
        spawn_local(async move {
            match self.api.renew().await {
                // A good answer and a refusal have both been noted on the way.
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
                Err(failure) if failure.status() != Some(401) => self.toasts.fail("You are still signed in.", &failure),
                _ => self.session.end(Farewell::SignedOut),
            }
        });
    }

    /// Takes the last change back that is to be seen here, or does the last one again that was taken back.
    pub(crate) fn step_back(self, way: Way) {
        let open = self.list.id().get_untracked();
        if !self.undo.step(way, open.as_ref()) {
            self.toasts.say(if way == Way::Undo {
                texts::changes::nothing_to_undo()
            } else {
                texts::changes::nothing_to_redo()
            });
        }
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
            self.list.forget_changes();
            self.search.clear();
            self.overlay.close();
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
