//! Which symbols' prices are on screen, by whoever shows them. The stream subscribes these and no others.
//!
//! ```text
//!   quote_table ── show("list", rows on screen) ──┐
//!   security    ── show("security", one) ─────────┴─▶ shown ── read by ──▶ live/subscriptions.rs, quotes
//! ```

use leptos::prelude::*;
use std::collections::{HashMap, HashSet};
use watchtape_shared::Symbol;

/// The symbols on screen.
#[derive(Clone, Copy)]
pub(crate) struct VisibleSymbols {
    by: RwSignal<HashMap<&'static str, Vec<Symbol>>>,
}

impl VisibleSymbols {
    pub(in crate::state) fn new() -> Self {
        Self { by: RwSignal::default() }
    }

    /// Says what a part of the page shows now, in place of what it showed before. A part is a plain word, and says
    /// `hide` when it is taken away (`on_cleanup`).
    pub(crate) fn show(self, part: &'static str, symbols: Vec<Symbol>) {
        if self.by.with_untracked(|by| by.get(part) != Some(&symbols)) {
            self.by.update(|by| {
                by.insert(part, symbols);
            });
        }
    }

    /// Says that a part of the page shows nothing any more.
    pub(crate) fn hide(self, part: &'static str) {
        if self.by.with_untracked(|by| by.contains_key(part)) {
            self.by.update(|by| {
                by.remove(part);
            });
        }
    }

    /// Every symbol that some part shows; whoever asks in an effect is told of changes.
    pub(crate) fn symbols(self) -> HashSet<Symbol> {
        self.by.with(|by| by.values().flatten().copied().collect())
    }
}
