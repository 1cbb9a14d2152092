//! The quotes of the table and the security page: one signal for each symbol, so that a tick repaints the cells of one
//! row.
//!
//! Ticks are merged by symbol and applied once per animation frame. A hidden tab has no frames; it holds one tick for
//! each symbol, however long it stays hidden.

use super::tick;
use super::visible_symbols::VisibleSymbols;
use crate::format::change::Trend;
use leptos::prelude::*;
use std::collections::HashMap;
use std::time::Duration;
use watchtape_shared::tick_row::TickRow;
use watchtape_shared::{Quote, Symbol};

/// The interval of updates in calm mode.
const CALM: Duration = Duration::from_secs(3);

/// What is shown of a symbol.
#[derive(Clone, Default)]
pub(crate) struct Cell {
    /// None until the first snapshot.
    pub(crate) quote: Option<Quote>,
    /// The last change of the price by a tick.
    pub(crate) last_move: Option<LastMove>,
    /// Whether the quote is of an earlier epoch: any that follows replaces it, however it is dated.
    is_former: bool,
}

/// A price's last move.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastMove {
    pub(crate) direction: Trend,
    /// Alternates with every move, so that the flash restarts when the direction is the same.
    pub(crate) odd: bool,
}

/// The quotes, by symbol.
#[derive(Clone, Copy)]
pub(crate) struct Quotes {
    shown: VisibleSymbols,
    cells: StoredValue<HashMap<Symbol, ArcRwSignal<Cell>>>,
    waiting: StoredValue<HashMap<Symbol, TickRow>>,
    frame_asked: StoredValue<bool>,
    calm: StoredValue<bool>,
}

impl Quotes {
    pub(in crate::state) fn new(shown: VisibleSymbols) -> Self {
        Self {
            shown,
            cells: StoredValue::new(HashMap::new()),
            waiting: StoredValue::new(HashMap::new()),
            frame_asked: StoredValue::new(false),
            calm: StoredValue::new(false),
        }
    }

    /// The signal of one symbol, created on first use.
    pub(crate) fn cell(self, symbol: Symbol) -> ArcRwSignal<Cell> {
        self.cells.try_update_value(|cells| cells.entry(symbol).or_default().clone()).unwrap_or_default()
    }

    /// Reads a symbol's quote, untracked.
    pub(crate) fn peek<T>(self, symbol: Symbol, read: impl FnOnce(&Quote) -> T) -> Option<T> {
        let signal = self.cells.with_value(|cells| cells.get(&symbol).cloned())?;
        signal.with_untracked(|cell| cell.quote.as_ref().map(read))
    }

    /// Inserts whole quotes of a snapshot or of the REST API, unless a newer one is known.
    pub(crate) fn insert(self, quotes: impl IntoIterator<Item = Quote>) {
        for quote in quotes {
            self.waiting.update_value(|waiting| {
                waiting.remove(&quote.symbol);
            });
            self.cell(quote.symbol).update(|cell| {
                let held = cell.quote.as_ref().filter(|_| !cell.is_former);
                if held.and_then(|held| held.as_of).is_none_or(|held| quote.as_of.is_none_or(|new| new >= held)) {
                    cell.quote = Some(quote);
                    cell.last_move = None;
                    cell.is_former = false;
                }
            });
        }
    }

    /// Queues ticks for the next frame.
    pub(crate) fn apply_ticks(self, rows: Vec<TickRow>) {
        self.waiting.update_value(|waiting| {
            for row in rows {
                waiting.entry(row.symbol).and_modify(|held| *held = tick::newest(*held, row)).or_insert(row);
            }
        });
        if !self.frame_asked.get_value() {
            self.frame_asked.set_value(true);
            match self.calm.get_value() {
                true => set_timeout(move || self.commit(true), CALM),
                false => request_animation_frame(move || self.commit(true)),
            }
        }
    }

    /// Has whatever follows replace what is held.
    pub(crate) fn begin_epoch(self) {
        self.waiting.update_value(HashMap::clear);
        // Nothing is shown differently until then, so that nobody is told.
        self.cells.with_value(|cells| {
            for cell in cells.values() {
                cell.update_untracked(|cell| cell.is_former = true);
            }
        });
    }

    /// Sets calm mode: prices are updated every few seconds.
    pub(crate) fn set_calm(self, calm: bool) {
        self.calm.set_value(calm);
    }

    /// Applies queued ticks at once and without flashes, as after the tab was hidden.
    pub(crate) fn catch_up(self) {
        self.commit(false);
    }

    /// Drops every symbol but these and the visible ones.
    pub(crate) fn retain(self, symbols: &[Symbol]) {
        let mut kept = untrack(|| self.shown.symbols());
        kept.extend(symbols);
        self.cells.update_value(|cells| cells.retain(|symbol, _| kept.contains(symbol)));
        self.waiting.update_value(|waiting| waiting.retain(|symbol, _| kept.contains(symbol)));
    }

    pub(in crate::state) fn forget(self) {
        let Self { shown: _, cells, waiting, frame_asked: _, calm: _ } = self;
        cells.update_value(HashMap::clear);
        waiting.update_value(HashMap::clear);
    }

    fn commit(self, moving: bool) {
        self.frame_asked.set_value(false);
        let ticks = self.waiting.try_update_value(std::mem::take).unwrap_or_default();
        for (symbol, row) in ticks {
            let Some(signal) = self.cells.with_value(|cells| cells.get(&symbol).cloned()) else { continue };
            signal.update(|cell| {
                let Some(quote) = &mut cell.quote else { return };
                if std::mem::take(&mut cell.is_former) {
                    quote.as_of = None;
                }
                let direction = tick::apply(&row, quote);
                if !moving {
                    cell.last_move = None;
                } else if direction != Trend::Flat {
                    cell.last_move = Some(LastMove { direction, odd: !cell.last_move.is_some_and(|step| step.odd) });
                }
            });
        }
    }
}
