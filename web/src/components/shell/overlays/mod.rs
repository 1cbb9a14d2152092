//! What opens over every signed-in page: the palette, the dialogs, the drop area; and the page-wide keys, paste and
//! drop events.

use super::shortcuts;
use crate::components::controls::lazy::Lazy;
use crate::components::search::palette::Palette;
use crate::route::Route;
use crate::state::shell::dialogs::{DialogKind, ImportSource};
use crate::state::{State, state};
use crate::texts;
use crate::view::reactive::{dynamic, flag};
use crate::view::{clipboard, dialog, keyboard};
use leptos::ev;
use leptos::html::Dialog;
use leptos::leptos_dom::helpers::WindowListenerHandle;
use leptos::prelude::*;
use web_sys::{ClipboardEvent, DragEvent};

/// The palette, the dialog, and the drop area.
#[component]
pub(crate) fn Overlays() -> impl IntoView {
    view! {
        <Palette />
        <ToolDialog />
        <DropArea />
    }
}

#[component]
fn ToolDialog() -> impl IntoView {
    let state = state();
    let dialog_ref = NodeRef::<Dialog>::new();
    dialog::follow(dialog_ref, move || state.dialogs.open_dialog().is_some());
    let listeners = [
        window_event_listener(ev::keydown, move |event| shortcuts::press(state, &event)),
        window_event_listener(ev::paste, move |event| paste(state, &event)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        <dialog
            class="overlays dialog tool"
            node_ref=dialog_ref
            aria-labelledby="tool-title"
            closedby="any"
            on:close=move |_| {
                if dialog::is_closed(dialog_ref) {
                    state.dialogs.close();
                }
            }
        >
            {dynamic(move || match state.dialogs.open_dialog() {
                Some(DialogKind::Alert) => view! { <Lazy load=state.lazy.alert_form quiet=true /> }.into_any(),
                Some(DialogKind::Import) => view! { <Lazy load=state.lazy.import quiet=true /> }.into_any(),
                Some(DialogKind::Shortcuts) => view! { <Lazy load=state.lazy.shortcuts quiet=true /> }.into_any(),
                None => ().into_any(),
            })}
        </dialog>
    }
}

/// Accepts files that are dropped anywhere on the page, and shows that while they are dragged over it.
#[component]
fn DropArea() -> impl IntoView {
    let state = state();
    let held = RwSignal::new(false);
    let listeners = [
        window_event_listener(ev::dragover, move |event| {
            if has_files(&event) {
                // Otherwise the browser would open the file.
                event.prevent_default();
                held.set(!untrack(|| state.open_list.id().with(Option::is_none)));
            }
        }),
        window_event_listener(ev::dragleave, move |event| {
            if event.related_target().is_none() {
                held.set(false);
            }
        }),
        window_event_listener(ev::drop, move |event| {
            if !has_files(&event) {
                return;
            }
            event.prevent_default();
            let file = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0));
            if let Some(file) = file.filter(|_| held.get_untracked()) {
                state.palette.close();
                state.dialogs.import(ImportSource::File(file));
            }
            held.set(false);
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    view! {
        <div class="overlays drop-area" hidden=flag(move || !held.get()) aria-hidden="true">
            <p>{texts::topbar::drop_here()}</p>
        </div>
    }
}

fn has_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
}

/// Several pasted symbols are imported, a single one is searched for.
fn paste(state: State, event: &ClipboardEvent) {
    let is_list = state.location.route().with_untracked(|route| matches!(route, Route::List(_)));
    let text = clipboard::text(event);
    if !is_list || text.trim().is_empty() || keyboard::is_typing() || keyboard::is_dialog_open() {
        return;
    }
    event.prevent_default();
    if clipboard::is_symbol_list(&text) {
        state.dialogs.import(ImportSource::Text(text));
    } else {
        state.palette.show(text.trim());
    }
}
