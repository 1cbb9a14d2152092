//! A watchlist that a connection follows (`watch`), as it was when last read.

use super::reads::Reads;
use crate::stream::followed_lists::Following;
use crate::telemetry::traces::TraceContext;
use watchtape_shared::list_change::ListOutline;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::watchlist::Watchlist;
use watchtape_shared::{Symbol, UserId, WatchlistId};

/// A followed list. Version 0: not read yet.
pub(super) struct FollowedList {
    following: Following<(UserId, WatchlistId)>,
    pub(super) version: u64,
    /// Whether its symbols are to be subscribed (`prices` of the client's `watch`).
    pub(super) has_prices: bool,
    /// Whether changes are sent as such (`deltas`), and not as whole lists.
    pub(super) has_deltas: bool,
    /// What the client was sent last, where it takes changes.
    pub(super) sent: Option<ListOutline>,
    /// The symbols that are subscribed because of it.
    pub(super) symbols: Vec<Symbol>,
    pub(super) reads: Reads,
    /// The request that changed it last, until a read of it begins.
    pub(super) trace: TraceContext,
    /// Whether the next read is sent even if the list has not changed.
    pub(super) is_to_be_sent: bool,
}

impl FollowedList {
    /// A list that is not read yet.
    pub(super) fn new(following: Following<(UserId, WatchlistId)>) -> Self {
        Self {
            following,
            version: 0,
            has_prices: false,
            has_deltas: false,
            sent: None,
            symbols: Vec::new(),
            reads: Reads::default(),
            trace: TraceContext::default(),
            is_to_be_sent: false,
        }
    }

    /// What tells the client of this version of the list: what has changed since the last, where it takes that and it is less
    /// than the whole.
    pub(super) fn message_of(&mut self, list: Watchlist, is_answer: bool) -> ServerMessage {
        let from_version = std::mem::replace(&mut self.version, list.summary.version);
        self.following.set_version(list.summary.version);
        let before = self.sent.take();
        self.sent = self.has_deltas.then(|| ListOutline::of(&list));
        let (id, version) = (list.summary.id.clone(), list.summary.version);
        if let Some(before) = before.filter(|_| self.has_deltas && !is_answer) {
            let changes = before.changes_to(&list);
            if changes.len() <= list.items.len().max(1) {
                return ServerMessage::WatchlistChanged { id, version, from_version, changes };
            }
        }
        ServerMessage::Watchlist { id, name: Some(list.summary.name), version, items: list.items }
    }

    /// Whether it adds symbols to the connection's subscriptions, or did when it was last read.
    pub(super) fn affects_subscriptions(&self) -> bool {
        self.has_prices || !self.symbols.is_empty()
    }
}
