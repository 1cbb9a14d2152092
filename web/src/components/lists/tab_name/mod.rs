//! Renames a list in its tab.

use crate::state::state;
use crate::state::undo_stack::Direction;
use crate::texts;
use crate::view::focus;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::text::ListName;

/// Replaces the tab of the list that is renamed. Enter and leaving the field save, Escape cancels.
#[component]
pub(crate) fn TabName() -> impl IntoView {
    let state = state();
    let id = state.editing.renamed.get_untracked();
    let name =
        id.as_ref().and_then(|id| untrack(|| state.lists.name(id))).map_or_else(String::new, |name| name.to_string());
    let input = NodeRef::<Input>::new();
    input.on_load(|input| {
        let _ = input.focus();
        input.select();
    });
    let finish = move |keeps: bool| {
        // Removing the field fires `blur`, too.
        let Some(id) = state.editing.renamed.try_update(Option::take).flatten() else { return };
        focus::tab(&id);
        let typed = input.get_untracked().map_or_else(String::new, |input| input.value());
        let Ok(name) = ListName::parse(&typed) else { return };
        if keeps {
            spawn_local(async move {
                if let Err(failure) = state.lists.rename(id, name, Direction::Do).await {
                    state.toasts.fail(texts::tabs::not_renamed(), &failure);
                }
            });
        }
    };
    let on_keydown = move |event: KeyboardEvent| {
        event.stop_propagation();
        if event.key() == "Escape" {
            finish(false);
        }
    };
    view! {
        <form
            class="tab tab-name-form"
            on:submit=move |event: SubmitEvent| {
                event.prevent_default();
                finish(true);
            }
        >
            <input
                node_ref=input
                type="text"
                dir="auto"
                aria-label=texts::tabs::name()
                maxlength="64"
                autocomplete="off"
                prop:value=name
                on:keydown=on_keydown
                on:blur=move |_| finish(true)
            />
        </form>
    }
}
