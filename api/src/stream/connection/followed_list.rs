//! A watchlist that a connection follows, as it was when last read.

use watchtape_shared::Symbol;

/// A followed list.
#[derive(Default)]
pub(super) struct FollowedList {
    pub(super) version: u64,
    /// Whether its symbols are to be subscribed.
    pub(super) has_prices: bool,
    /// Those that are subscribed because of it.
    pub(super) symbols: Vec<Symbol>,
    pub(super) is_reading: bool,
    /// It has changed, or was asked for, since the read that is under way began.
    pub(super) is_outdated: bool,
}

impl FollowedList {
    /// Whether it adds to the set of symbols, or did when it was last read.
    pub(super) fn affects_subscriptions(&self) -> bool {
        self.has_prices || !self.symbols.is_empty()
    }
}
