//! Which symbol's price card is open, and whether it was opened by pointer or by key.

use leptos::prelude::*;
use std::time::Duration;
use watchtape_shared::Symbol;

/// A pointer must rest this long on a price to open its card.
const INTENT: Duration = Duration::from_millis(300);
/// How long the pointer may take from the price to the card.
const GRACE: Duration = Duration::from_millis(160);

/// How the card was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenedBy {
    /// By pointer: it closes when the pointer leaves.
    Pointer,
    /// By key or tap: it has the focus until it is closed.
    Key,
}

/// The price card.
#[derive(Clone, Copy)]
pub(crate) struct OpenPriceCard {
    open: RwSignal<Option<(Symbol, OpenedBy)>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl OpenPriceCard {
    pub(in crate::state) fn new() -> Self {
        Self { open: RwSignal::new(None), timer: StoredValue::new(None) }
    }

    /// The symbol of the open card.
    pub(crate) fn open(self) -> ReadSignal<Option<(Symbol, OpenedBy)>> {
        self.open.read_only()
    }

    /// Notes that the pointer is over a symbol's price, over its card, or (`None`) over neither.
    pub(crate) fn point(self, at: Option<Symbol>) {
        self.forget();
        let held = self.open.get_untracked();
        match (at, held) {
            (_, Some((_, OpenedBy::Key))) => {}
            (Some(symbol), Some((held, _))) if symbol == held => {}
            (Some(symbol), _) => self.later(INTENT, Some((symbol, OpenedBy::Pointer))),
            (None, Some(_)) => self.later(GRACE, None),
            (None, None) => {}
        }
    }

    /// Opens the card of a price until it is closed.
    pub(crate) fn show(self, symbol: Symbol) {
        self.forget();
        self.open.set(Some((symbol, OpenedBy::Key)));
    }

    pub(crate) fn close(self) {
        self.forget();
        if self.open.get_untracked().is_some() {
            self.open.set(None);
        }
    }

    fn later(self, after: Duration, what: Option<(Symbol, OpenedBy)>) {
        let handle = set_timeout_with_handle(move || self.open.set(what), after);
        self.timer.set_value(handle.ok());
    }

    fn forget(self) {
        if let Some(timer) = self.timer.try_update_value(Option::take).flatten() {
            timer.clear();
        }
    }
}
