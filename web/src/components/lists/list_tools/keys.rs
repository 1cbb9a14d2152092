//! The shortcuts of rows, of tabs and of the list page.

use crate::route;
use crate::state::State;
use crate::state::undo_stack::Direction;
use crate::view::{event_target, focus};
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::watchlist::Flag;
use web_sys::{Element, KeyboardEvent};

/// Elements that take keys themselves.
const TYPED_INTO: &str = "input, textarea, select, dialog, [role=menu], [contenteditable]";

/// Handles a shortcut, unless somebody is typing.
pub(super) fn on_key(state: State, goes: StoredValue<bool>, event: &KeyboardEvent) {
    let Some(target) = event_target::element(event) else { return };
    if event.default_prevented() || target.closest(TYPED_INTO).is_ok_and(|field| field.is_some()) {
        return;
    }
    let key = event.key();
    let is_done = on_going(state, goes, event, &key)
        || on_page_key(state, event, &key)
        || event_target::tab(event).is_some_and(|id| on_tab_key(state, event, &key, &id))
        || event_target::row(event).is_some_and(|symbol| on_row_key(state, event, &key, symbol, &target));
    if is_done {
        event.prevent_default();
        // The same key event must not drop the row again.
        event.stop_immediate_propagation();
    }
}

/// `g` and a digit go to the list of that number.
fn on_going(state: State, goes: StoredValue<bool>, event: &KeyboardEvent, key: &str) -> bool {
    if event.ctrl_key() || event.meta_key() || event.alt_key() || key == "Shift" {
        return false;
    }
    let went = goes.get_value();
    goes.set_value(key == "g" && !went);
    let digit = key.parse::<usize>().ok().filter(|_| went);
    if let Some(list) = digit.and_then(|digit| state.lists.nth(digit.checked_sub(1)?)) {
        state.location.go(&route::list(&list));
    }
    key == "g" || digit.is_some()
}

fn on_page_key(state: State, event: &KeyboardEvent, key: &str) -> bool {
    let (ctrl, shift, alt) = (event.ctrl_key() || event.meta_key(), event.shift_key(), event.alt_key());
    match key {
        "z" | "Z" if ctrl && !alt => state.undo_or_redo(if shift { Direction::Redo } else { Direction::Undo }),
        "y" if ctrl && !alt => state.undo_or_redo(Direction::Redo),
        "t" if alt && !ctrl => focus::toast(),
        _ => return false,
    }
    true
}

fn on_tab_key(state: State, event: &KeyboardEvent, key: &str, id: &watchtape_shared::WatchlistId) -> bool {
    let Some(at) = state.lists.place_of(id) else { return false };
    // Forward is to the left in right-to-left scripts.
    let forward = if crate::texts::language::direction() == "rtl" { "ArrowLeft" } else { "ArrowRight" };
    match key {
        "F2" => state.editing.rename(id.clone()),
        "ArrowLeft" | "ArrowRight" if event.alt_key() => {
            let to = if key == forward { at + 1 } else { at.saturating_sub(1) };
            state.lists.move_to(id, to, Direction::Do);
            focus::tab(id);
        }
        _ => return false,
    }
    true
}

fn on_row_key(state: State, event: &KeyboardEvent, key: &str, symbol: Symbol, target: &Element) -> bool {
    let (ctrl, shift, alt) = (event.ctrl_key() || event.meta_key(), event.shift_key(), event.alt_key());
    let selection = state.selection;
    if state.editing.picked.with_untracked(Option::is_some) {
        return false;
    }
    match key {
        " " if ctrl && !alt => pick_up(state, symbol),
        "Enter" | " " if target.closest(".row-handle").is_ok_and(|handle| handle.is_some()) => {
            pick_up(state, symbol);
        }
        "a" if ctrl && !alt && !shift => selection.all(),
        "ArrowUp" | "ArrowDown" if shift && !ctrl && !alt => {
            let Some(next) = neighbour(state, symbol, if key == "ArrowUp" { -1 } else { 1 }) else { return true };
            selection.extend(symbol, next);
            focus::row(next);
        }
        _ if ctrl || alt => return false,
        "x" => selection.toggle(symbol),
        "e" => state.editing.edit(selection.selected_or(symbol)),
        "Escape" if !untrack(|| selection.is_empty()) => selection.clear(),
        "0" | "1" | "2" | "3" | "4" | "5" | "6" => {
            let flag = key.parse().ok().and_then(|digit: usize| Flag::ALL.get(digit.checked_sub(1)?).copied());
            state.open_list.edit(&selection.selected_or(symbol), |marks| marks.flag = flag);
        }
        _ => return false,
    }
    true
}

/// The row before or after another, in display order.
fn neighbour(state: State, symbol: Symbol, by: isize) -> Option<Symbol> {
    let seen = untrack(|| state.rows.symbols());
    let at = seen.iter().position(|held| *held == symbol)?;
    seen.get(at.checked_add_signed(by)?).copied()
}

/// Picks a row up by keyboard, unless the list is sorted.
fn pick_up(state: State, symbol: Symbol) {
    if untrack(|| state.sorting.is_sorted()) {
        state.toasts.show(crate::texts::list::sorted_no_move());
    } else {
        state.editing.picked.set(Some(symbol));
    }
}
