//! The dialogs that create, rename, duplicate and delete a list.

use crate::api::{Failure, IdempotencyKey};
use crate::components::account::auth_frame::FormFailure;
use crate::components::controls::field::Field;
use crate::i18n::failure::capitalised;
use crate::state::lists::editing_tools::ListTask;
use crate::state::state;
use crate::state::undo_stack::Direction;
use crate::view::reactive::{dynamic, effect, text};
use crate::{route, texts};
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::text::ListName;
use watchtape_shared::visible::find_hidden;

/// Open while there is a task.
#[component]
pub(crate) fn ListDialog() -> impl IntoView {
    let task = state().editing.task;
    let dialog = NodeRef::<Dialog>::new();
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match task.with(Option::is_some) {
            // `show_modal` fails only outside the page or if already open, and neither can be.
            true => drop(dialog.show_modal()),
            false => dialog.close(),
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="dialog-title" on:close=move |_| task.set(None)>
            {dynamic(move || match task.get() {
                Some(work) => view! { <TaskForm work task /> }.into_any(),
                None => ().into_any(),
            })}
        </dialog>
    }
}

#[component]
fn TaskForm(work: ListTask, task: RwSignal<Option<ListTask>>) -> impl IntoView {
    let state = state();
    let (title, action, typed) = match &work {
        ListTask::Create => (texts::tabs::new_list(), texts::tabs::create(), Some(String::new())),
        ListTask::Rename(_, name) => {
            (texts::tabs::rename_title(), texts::tabs::rename_action(), Some(name.to_string()))
        }
        ListTask::Duplicate(_, name) => {
            (texts::tabs::duplicate_title(), texts::tabs::duplicate_action(), Some(texts::tabs::copy_of(name)))
        }
        ListTask::Delete(..) => (texts::tabs::delete_title(), texts::tabs::delete_title(), None),
    };
    let doomed = if let ListTask::Delete(_, name) = &work { Some(name.to_string()) } else { None };
    let is_delete = doomed.is_some();
    let named = typed.is_some();
    let name = RwSignal::new(typed.unwrap_or_default());
    let name_error = RwSignal::new(None);
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);
    // The same list is made once, however often it is tried.
    let last_try = StoredValue::new((String::new(), IdempotencyKey::new()));

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let parsed = ListName::parse(&name.get_untracked());
        if named {
            let hidden =
                find_hidden(&name.get_untracked(), false).map(|_| texts::failure::hidden_characters().to_owned());
            name_error.set(hidden.or_else(|| parsed.as_ref().err().map(|invalid| capitalised(invalid.0))));
        }
        if busy.get_untracked() || (named && name_error.with_untracked(Option::is_some)) {
            return;
        }
        busy.set(true);
        failure.set(None);
        let work = work.clone();
        let typed = name.get_untracked();
        last_try.update_value(|last| {
            if last.0 != typed {
                *last = (typed, IdempotencyKey::new());
            }
        });
        let key = last_try.with_value(|last| last.1.clone());
        spawn_local(async move {
            let outcome = match (work, parsed) {
                (ListTask::Create, Ok(name)) => state.lists.create(name, &key).await.map(|id| Some(route::list(&id))),
                (ListTask::Rename(id, _), Ok(name)) => state.lists.rename(id, name, Direction::Do).await.map(|()| None),
                (ListTask::Duplicate(id, _), Ok(name)) => {
                    state.lists.duplicate(&id, name, &key).await.map(|id| Some(route::list(&id)))
                }
                (ListTask::Delete(id, _), _) => {
                    state.lists.delete(id, Direction::Do).await.map(|()| Some(route::HOME.into()))
                }
                _ => Ok(None),
            };
            busy.set(false);
            match outcome {
                Ok(path) => {
                    task.set(None);
                    if let Some(path) = path {
                        state.location.go(&path);
                    }
                }
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    view! {
        <form novalidate on:submit=submit>
            <h2 id="dialog-title">{title}</h2>
            {named.then(|| {
                let autocomplete = "off";
                view! { <Field label=texts::tabs::name() name="list-name" kind="text" autocomplete value=name error=name_error /> }
            })}
            {doomed.map(|name| view! { <p>{texts::tabs::delete_text(&name)}</p> })}
            <FormFailure failure />
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| task.set(None)>
                    {texts::tabs::cancel()}
                </button>
                <button
                    class="button"
                    class:danger=is_delete
                    class:primary=!is_delete
                    type="submit"
                    aria-disabled=text(move || busy.get().to_string())
                >
                    {action}
                </button>
            </div>
        </form>
    }
}
