//! The keys of the palette: they move the mark among the results and choose one.

use super::matches::FEW;
use super::{SearchAction, SearchResult, SearchResults};
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

impl SearchResults {
    pub(super) fn press(self, event: &KeyboardEvent) {
        let chord = event.ctrl_key() || event.meta_key();
        let is_ticker = untrack(|| self.marked_ticker()).is_some();
        match event.key().as_str() {
            "ArrowDown" => self.step(1),
            "ArrowUp" => self.step(-1),
            "Home" if chord => self.state.palette.active.set(0),
            "End" if chord => self.state.palette.active.set(self.count().saturating_sub(1)),
            "PageDown" => self.leap(FEW),
            "PageUp" => self.state.palette.active.update(|at| *at = at.saturating_sub(FEW)),
            "Enter" if chord && (is_ticker || self.is_alert_marked()) => self.enter(SearchAction::Open),
            "Enter" => self.enter(SearchAction::Add),
            "Tab" if is_ticker && !event.shift_key() => self.enter(SearchAction::ChooseList),
            "Escape" | "Backspace" if self.is_leaving(&event.key()) => self.back(),
            _ => return,
        }
        event.prevent_default();
    }

    fn is_alert_marked(self) -> bool {
        matches!(self.entry(self.state.palette.active.get_untracked()), Some(SearchResult::Alert(_)))
    }

    /// Whether the key leaves the choice of a list rather than the palette.
    fn is_leaving(self, key: &str) -> bool {
        let is_blank = self.state.palette.query().with_untracked(String::is_empty);
        untrack(|| self.choosing_list_for()).is_some() && (key == "Escape" || is_blank)
    }

    fn step(self, by: isize) {
        let count = self.count();
        if count > 0 {
            self.state.palette.active.update(|at| *at = (*at + count).saturating_add_signed(by) % count);
        }
    }

    fn leap(self, by: usize) {
        let last = self.count().saturating_sub(1);
        self.state.palette.active.update(|at| *at = (*at + by).min(last));
    }

    fn enter(self, action: SearchAction) {
        if self.last_request.get_value() == self.last_answered.get_value() {
            self.choose(self.state.palette.active.get_untracked(), action);
        } else if action == SearchAction::Add {
            self.state.palette.note_enter();
        }
    }
}
