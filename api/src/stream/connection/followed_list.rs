//! A watchlist that a connection follows (`watch`), as it was when last read.

use std::time::Instant;
use watchtape_shared::Symbol;

/// A followed list. Version 0: not read yet.
#[derive(Default)]
pub(super) struct FollowedList {
    pub(super) version: u64,
    /// Whether its symbols are to be subscribed (`prices` of the client's `watch`).
    pub(super) has_prices: bool,
    /// The symbols that are subscribed because of it.
    pub(super) symbols: Vec<Symbol>,
    pub(super) is_reading: bool,
    /// Whether the next read is sent even if the list has not changed.
    pub(super) is_to_be_sent: bool,
    /// Since when its reads have failed.
    pub(super) failing_since: Option<Instant>,
    /// Whether it was changed or watched again since the current read began, so that another read must follow.
    pub(super) is_outdated: bool,
}

impl FollowedList {
    /// Whether it adds symbols to the connection's subscriptions, or did when it was last read.
    pub(super) fn affects_subscriptions(&self) -> bool {
        self.has_prices || !self.symbols.is_empty()
    }
}
