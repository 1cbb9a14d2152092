//! Modal dialogs that are open for as long as the state says so.

use super::reactive::effect;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Opens and closes a dialog after the state. Whoever closes it by the browser's ways is heard by its `close` event.
pub(crate) fn follow(dialog: NodeRef<Dialog>, mut is_open: impl FnMut() -> bool + 'static) {
    effect(move || {
        let (Some(dialog), wanted) = (dialog.get(), is_open()) else { return };
        if wanted && !dialog.open() {
            // It is in the page and closed, which is all that it takes.
            drop(dialog.show_modal());
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
}

/// Whether a `close` event is still true: the dialog may have been opened again before it came.
pub(crate) fn is_closed(dialog: NodeRef<Dialog>) -> bool {
    dialog.get_untracked().is_none_or(|dialog| !dialog.open())
}
