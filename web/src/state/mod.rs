//! Everything of the app that changes, in one place. Views read its signals and call its methods; nothing else writes
//! it but the events of the API client and of the price stream.
//!
//! ```text
//!   pages, components ── read ──▶ account  lists  prices  alerts  search  appearance  shell  clock
//!           │ call                   ▲       ▲      ▲       ▲                                 ▲
//!           └────── methods ─────────┴───────┴──────┴───────┴───── ApiEvent, StreamEvent ─────┘
//! ```
//!
//! Each part is a handful of signals that is copied like a reference.

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod appearance;
pub(crate) mod clock;
pub(crate) mod drafts;
pub(crate) mod lazy_parts;
pub(crate) mod lists;
pub(crate) mod local_storage;
mod person;
pub(crate) mod prices;
pub(crate) mod search;
mod server_time;
pub(crate) mod shell;
mod stream_events;
pub(crate) mod undo_stack;

use crate::api::{AccessToken, Api, ApiEvent};
use crate::stream::PriceStream;
use crate::stream::connection::Connection;
use crate::view::reactive::effect;
use account::session::{LogoutReason, Session};
use alerts::Alerts;
use appearance::choices::Motion;
use appearance::columns::Columns;
use appearance::preferences::Preferences;
use clock::Clock;
use drafts::Drafts;
use lazy_parts::LazyParts;
use leptos::prelude::*;
use lists::editing_tools::EditingTools;
use lists::open_list::OpenList;
use lists::rows::Rows;
use lists::selection::Selection;
use lists::sorting::Sorting;
use lists::watchlists::Watchlists;
use prices::price_card::OpenPriceCard;
use prices::quotes::Quotes;
use prices::sparklines::Sparklines;
use prices::visible_symbols::VisibleSymbols;
use search::palette::CommandPalette;
use shell::dialogs::Dialogs;
use shell::location::Location;
use shell::toasts::Toasts;
use stream_events::StreamTargets;
use undo_stack::UndoStack;
use watchtape_shared::market::Market;

/// The app's state, whole.
#[derive(Clone, Copy)]
pub(crate) struct State {
    pub(crate) api: Api,
    pub(crate) stream: PriceStream,
    pub(crate) connection: Connection,
    pub(crate) lazy: &'static LazyParts,
    pub(crate) clock: Clock,
    pub(crate) undo_stack: UndoStack,

    pub(crate) session: Session,
    pub(crate) preferences: Preferences,
    pub(crate) columns: Columns,

    pub(crate) location: Location,
    pub(crate) dialogs: Dialogs,
    pub(crate) toasts: Toasts,
    pub(crate) palette: CommandPalette,

    /// The account's lists by name; `open_list` is the one on screen, with its items.
    pub(crate) lists: Watchlists,
    pub(crate) open_list: OpenList,
    pub(crate) sorting: Sorting,
    pub(crate) rows: Rows,
    pub(crate) selection: Selection,
    pub(crate) editing: EditingTools,
    pub(crate) drafts: Drafts,

    pub(crate) alerts: Alerts,

    pub(crate) visible_symbols: VisibleSymbols,
    pub(crate) quotes: Quotes,
    pub(crate) sparklines: Sparklines,
    pub(crate) price_card: OpenPriceCard,
    /// The exchanges and the feed, once they are known.
    pub(crate) market: RwSignal<Option<Market>>,
}

impl State {
    /// Makes the state and provides it as context.
    pub(crate) fn provide(lazy: &'static LazyParts) -> Self {
        let drafts = Drafts::new();
        let location = Location::new(drafts);
        let access = AccessToken::new();
        let session = Session::new(access);
        let toasts = Toasts::new();
        let clock = Clock::start(toasts);
        let api = Api::new(access, move |event| match event {
            ApiEvent::Renewed(signed_in) => session.accept(signed_in),
            ApiEvent::Expired => session.end(LogoutReason::Expired),
            ApiEvent::ServerTime { sent_ms, took_ms } => clock.set_roughly(sent_ms, took_ms),
        });
        effect(move || {
            if clock.jumps() > 0 {
                api.ask_time();
            }
        });
        let visible_symbols = VisibleSymbols::new();
        let quotes = Quotes::new(visible_symbols);
        let connection = Connection::new(move || untrack(|| clock.now_ms()));
        let market = RwSignal::new(None);
        let undo_stack = UndoStack::new();
        let lists = Watchlists::new(api, toasts, undo_stack);
        let open_list = OpenList::new(api, lists, quotes, connection, toasts, undo_stack);
        let alerts = Alerts::new(api, session, toasts, undo_stack);
        let targets = StreamTargets { clock, session, lists, open_list, quotes, market, alerts, toasts };
        let wanted_symbols = move || visible_symbols.symbols();
        let stream = PriceStream::new(api, connection, wanted_symbols, move |event| targets.apply(event));
        let palette = CommandPalette::new();
        let preferences = Preferences::load();
        effect(move || quotes.set_calm(preferences.motion.get() == Motion::Calm));
        let sorting = Sorting::new(open_list, quotes, preferences);
        let rows = Rows::new(open_list, quotes, sorting);
        let selection = Selection::new(open_list, rows);
        let sparklines = Sparklines::new(api, clock);
        let state = Self {
            api,
            stream,
            connection,
            lazy,
            clock,
            undo_stack,
            session,
            preferences,
            columns: Columns::load(),
            location,
            dialogs: Dialogs::new(),
            toasts,
            palette,
            lists,
            open_list,
            sorting,
            rows,
            selection,
            editing: EditingTools::new(),
            drafts,
            alerts,
            visible_symbols,
            quotes,
            sparklines,
            price_card: OpenPriceCard::new(),
            market,
        };
        provide_context(state);
        state
    }
}

/// The state, inside a component.
pub(crate) fn state() -> State {
    expect_context()
}
