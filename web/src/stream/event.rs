//! The events of the stream, which the app's state handles.

use chrono::{DateTime, Utc};
use watchtape_shared::list_change::ListChange;
use watchtape_shared::market::Market;
use watchtape_shared::stream::TickRow;
use watchtape_shared::text::ListName;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Quote, WatchlistId};

/// Something that arrived, or happened to the connection.
pub(crate) enum StreamEvent {
    /// The server's time, at each greeting.
    ServerTime(DateTime<Utc>),
    /// Whole quotes of symbols that were subscribed.
    Snapshot(Vec<Quote>),
    Ticks(Vec<TickRow>),
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
    Market(Market),
    /// A message of the app's was not carried out.
    Refused {
        code: String,
        message: String,
    },
    /// Connected again: what other devices changed meanwhile was missed.
    Reconnected,
    /// The tab is visible again; its timers were throttled while it was hidden.
    TabShown,
    /// The server ended the session.
    SessionEnded,
}
