//! Opens and closes `<dialog>` elements as the state says.

use super::reactive::effect;
use leptos::html::Dialog;
use leptos::prelude::*;

/// Opens and closes a dialog with `is_open`. Closing by the browser (Escape, a click outside) fires its `close` event.
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

/// Whether the dialog is still closed when its `close` event arrives: it may have been opened again.
pub(crate) fn is_closed(dialog: NodeRef<Dialog>) -> bool {
    dialog.get_untracked().is_none_or(|dialog| !dialog.open())
}
