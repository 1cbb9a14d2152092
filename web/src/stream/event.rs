//! The events of the stream, which the app's state handles.

use chrono::{DateTime, Utc};
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::list_change::ListChange;
use watchtape_shared::market::Market;
use watchtape_shared::stream::WatchlistEntry;
use watchtape_shared::text::ListName;
use watchtape_shared::tick_row::TickRow;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Quote, WatchlistId};

/// Something that arrived, or happened to the connection.
pub(crate) enum StreamEvent {
    /// The server's time, at each greeting.
    ServerTime(DateTime<Utc>),
    /// Whole quotes of symbols that were subscribed.
    Snapshot(Vec<Quote>),
    /// What changed, and when the feed published it.
    Ticks {
        published_ms: i64,
        rows: Vec<TickRow>,
    },
    /// Prices that follow may be dated earlier than those that are held, and replace them.
    EpochBegun,
    /// The watched list as it is now; one without a name has been deleted.
    Watchlist {
        id: WatchlistId,
        name: Option<ListName>,
        version: u64,
        items: Vec<WatchlistItem>,
    },
    /// What changed on the watched list between two versions.
    WatchlistChanged {
        id: WatchlistId,
        version: u64,
        from_version: u64,
        changes: Vec<ListChange>,
    },
    /// The set of the account's lists as it is now. The first that a connection tells is marked.
    Watchlists {
        items: Vec<WatchlistEntry>,
        is_first: bool,
    },
    Market(Market),
    /// An alert has triggered.
    AlertTriggered(AlertEvent),
    /// The server has greeted: what happened since the connection before was missed.
    Connected,
    /// A message of the app's was not carried out.
    Refused {
        code: String,
        message: String,
    },
    /// Connected again, to a server that does not tell of the set of lists: what other devices changed meanwhile was missed.
    ReconnectedWithoutLists,
    /// The tab is visible again; its timers were throttled while it was hidden.
    TabShown,
    /// The server ended the session.
    SessionEnded,
}
