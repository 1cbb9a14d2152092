//! The symbols whose prices are subscribed: those of the rows in view and of half a screen on either side
//! (`components/table/viewport`), and that of an open security page.
//!
//! ```text
//!   quote_table ── set("list", rows in view ± half a screen) ──┐
//!   security    ── set("security", one) ──────────────────────┴─▶ symbols() ── read by ──▶ stream/subscriptions.rs, quotes
//! ```

use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use watchtape_shared::Symbol;

/// The visible symbols, by the part of the page that shows them.
#[derive(Clone, Copy)]
pub(crate) struct VisibleSymbols {
    by: RwSignal<HashMap<&'static str, Vec<Symbol>>>,
}

impl VisibleSymbols {
    pub(in crate::state) fn new() -> Self {
        Self { by: RwSignal::default() }
    }

    /// Sets the symbols that a part of the page shows. The part calls `clear` when it is removed (`on_cleanup`).
    pub(crate) fn set(self, part: &'static str, symbols: Vec<Symbol>) {
        if self.by.with_untracked(|by| by.get(part) != Some(&symbols)) {
            self.by.update(|by| {
                by.insert(part, symbols);
            });
        }
    }

    /// Removes the symbols of a part of the page.
    pub(crate) fn clear(self, part: &'static str) {
        if self.by.with_untracked(|by| by.contains_key(part)) {
            self.by.update(|by| {
                by.remove(part);
            });
        }
    }

    pub(in crate::state) fn forget(self) {
        let Self { by } = self;
        by.update(HashMap::clear);
    }

    /// The symbols of all parts; tracked.
    pub(crate) fn symbols(self) -> HashSet<Symbol> {
        self.by.with(|by| by.values().flatten().copied().collect())
    }
}
