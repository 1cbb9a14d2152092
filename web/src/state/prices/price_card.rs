//! Whose price is explained in the card, which there is one of, and how it was asked for.

use leptos::prelude::*;
use std::time::Duration;
use watchtape_shared::Symbol;

/// A pointer that only passes over a price asks nothing.
const INTENT: Duration = Duration::from_millis(300);
/// How long the way from the price to the card may take.
const GRACE: Duration = Duration::from_millis(160);

/// How the card was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenedBy {
    /// By pointing: it goes when the pointer goes.
    Pointer,
    /// By a key or a tap: the focus is in it until it is closed.
    Key,
}

/// The card about a price.
#[derive(Clone, Copy)]
pub(crate) struct OpenPriceCard {
    open: RwSignal<Option<(Symbol, OpenedBy)>>,
    timer: StoredValue<Option<TimeoutHandle>>,
}

impl OpenPriceCard {
    pub(in crate::state) fn new() -> Self {
        Self { open: RwSignal::new(None), timer: StoredValue::new(None) }
    }

    /// Whose price is explained, if one is.
    pub(crate) fn open(self) -> ReadSignal<Option<(Symbol, OpenedBy)>> {
        self.open.read_only()
    }

    /// The pointer is over the price of this symbol, or over none, or over the card.
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

    /// Explains a price until it is closed.
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
