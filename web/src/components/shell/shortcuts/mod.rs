//! The shortcuts of every signed-in page.

pub(crate) mod overview;
mod table;

use crate::route::Route;
use crate::state::State;
use crate::state::shell::dialogs::DialogKind;
use crate::view::keyboard;
use leptos::ev::KeyboardEvent;
use leptos::prelude::WithUntracked;
use watchtape_shared::transfer::Format;

/// Handles a shortcut.
pub(crate) fn press(state: State, event: &KeyboardEvent) {
    let key = event.key();
    let is_list = state.location.route().with_untracked(|route| matches!(route, Route::List(_)));
    let chord = (event.ctrl_key() || event.meta_key()) && !event.alt_key() && key.eq_ignore_ascii_case("k");
    if chord && !keyboard::is_dialog_open() {
        state.palette.show("");
    } else if !chord && !keyboard::is_free(event) {
        return;
    } else {
        match key.as_str() {
            "/" => state.palette.show(""),
            "?" => state.dialogs.open(DialogKind::Shortcuts),
            "d" if is_list => state.export(Format::Csv),
            // Ctrl+K must not open the browser's search over the palette.
            _ if chord => {}
            _ => return,
        }
    }
    event.prevent_default();
}
