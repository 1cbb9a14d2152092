//! The dialogs that make, rename and delete a list.

use super::auth_frame::FormFailure;
use super::field::Field;
use crate::api::Failure;
use crate::route;
use crate::state::state;
use crate::state::tools::ListCommand;
use crate::view::follow::{effect, part, text};
use crate::words::failure::capitalised;
use leptos::ev::SubmitEvent;
use leptos::html::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;

/// What a dialog is open for.
#[derive(Clone, PartialEq)]
pub(crate) enum Task {
    Create,
    Rename(WatchlistId, ListName),
    Delete(WatchlistId, ListName),
}

/// Opens for as long as there is a task.
#[component]
pub(crate) fn ListDialog(task: RwSignal<Option<Task>>) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    let state = state();
    effect(move || {
        let open = untrack(|| state.list.id().get().and_then(|id| state.lists.name(&id).map(|name| (id, name))));
        let asked = match (state.tools.take_command(), open) {
            (Some(ListCommand::New), _) => Task::Create,
            (Some(ListCommand::Rename), Some((id, name))) => Task::Rename(id, name),
            (Some(ListCommand::Delete), Some((id, name))) => Task::Delete(id, name),
            _ => return,
        };
        task.set(Some(asked));
    });
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match task.with(Option::is_some) {
            // It is in the page, so it opens; and it is not open twice, since nothing outside can be clicked.
            true => drop(dialog.show_modal()),
            false => dialog.close(),
        }
    });
    view! {
        <dialog class="dialog" node_ref=dialog aria-labelledby="dialog-title" on:close=move |_| task.set(None)>
            {part(move || match task.get() {
                Some(work) => view! { <TaskForm work task /> }.into_any(),
                None => ().into_any(),
            })}
        </dialog>
    }
}

#[component]
fn TaskForm(work: Task, task: RwSignal<Option<Task>>) -> impl IntoView {
    let state = state();
    let (title, action, typed) = match &work {
        Task::Create => ("New list", "Create list", Some(String::new())),
        Task::Rename(_, name) => ("Rename list", "Rename", Some(name.to_string())),
        Task::Delete(..) => ("Delete list", "Delete list", None),
    };
    let doomed = if let Task::Delete(_, name) = &work { Some(name.to_string()) } else { None };
    let is_delete = doomed.is_some();
    let named = typed.is_some();
    let name = RwSignal::new(typed.unwrap_or_default());
    let name_error = RwSignal::new(None);
    let failure = RwSignal::new(None::<Failure>);
    let busy = RwSignal::new(false);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let parsed = ListName::parse(&name.get_untracked());
        if named {
            name_error.set(parsed.as_ref().err().map(|invalid| capitalised(invalid.0)));
        }
        if busy.get_untracked() || (named && parsed.is_err()) {
            return;
        }
        busy.set(true);
        failure.set(None);
        let work = work.clone();
        spawn_local(async move {
            let outcome = match (work, parsed) {
                (Task::Create, Ok(name)) => state.lists.create(name).await.map(|id| Some(route::list(&id))),
                (Task::Rename(id, _), Ok(name)) => state.lists.rename(id, name).await.map(|()| None),
                (Task::Delete(id, _), _) => state.lists.delete(id).await.map(|()| Some(route::HOME.into())),
                _ => Ok(None),
            };
            busy.set(false);
            match outcome {
                Ok(path) => {
                    task.set(None);
                    if let Some(path) = path {
                        state.place.go(&path);
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
                view! { <Field label="Name" name="list-name" kind="text" autocomplete value=name error=name_error /> }
            })}
            {doomed.map(|name| {
                view! { <p>"“" {name} "” and everything on it will be gone. This cannot be undone."</p> }
            })}
            <FormFailure failure />
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| task.set(None)>
                    "Cancel"
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
