//! The import dialog: text is pasted or a file is chosen or dropped, then previewed before anything is added.

mod preview;

use crate::components::controls::dialog_header::DialogHeader;
use crate::components::controls::icon::{self, Icon};
use crate::i18n::failure;
use crate::state::lists::import::{Import, ImportStage};
use crate::state::lists::watchlists::ListsState;
use crate::state::state;
use crate::texts;
use crate::view::focus;
use crate::view::reactive::dynamic;
use leptos::html::{Input, Textarea};
use leptos::prelude::*;
use preview::Preview;

/// The dialog's content.
#[component]
pub(crate) fn ImportDialog() -> impl IntoView {
    let state = state();
    let import = Import::new(state);
    let stage = import.stage();
    view! {
        <DialogHeader title=texts::transfer::title() close=texts::transfer::close() />
        <Target import />
        {dynamic(move || match stage.get() {
            ImportStage::Empty => view! { <Question import /> }.into_any(),
            ImportStage::Checking => view! {
                <p class="import-dialog-wait" role="status">
                    {texts::transfer::checking()}
                </p>
            }
                .into_any(),
            ImportStage::Checked(outcome) => view! { <Preview import outcome /> }.into_any(),
            ImportStage::Failed(why) => trouble(import, failure::sentence(&why), failure::reference(&why)),
            ImportStage::TooLarge => trouble(import, texts::transfer::too_large().into(), None),
            ImportStage::Unreadable => trouble(import, texts::transfer::unreadable().into(), None),
        })}
    }
}

/// The choice of the list.
#[component]
fn Target(import: Import) -> impl IntoView {
    let ListsState::Ready(lists) = state().lists.state().get_untracked() else { return ().into_any() };
    let chosen = untrack(|| import.list());
    let options = lists.into_iter().map(|list| {
        let selected = chosen.as_ref() == Some(&list.id);
        view! {
            <option value=list.id.to_string() selected=selected>
                {list.name.to_string()}
            </option>
        }
        .into_any()
    });
    view! {
        <label class="import-dialog-target">
            <span>{texts::transfer::into()}</span>
            <select on:change=move |event| import.choose_list(&event_target_value(&event))>
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// The field for pasted text and the file button.
#[component]
fn Question(import: Import) -> impl IntoView {
    let (field, file) = (NodeRef::<Textarea>::new(), NodeRef::<Input>::new());
    focus::in_dialog();
    let check = move |_| {
        if let Some(field) = field.get_untracked() {
            import.read_text(&field.value());
            // Without a text the field keeps the focus.
            focus::in_dialog();
        }
    };
    let take = move |_| {
        let chosen = file.get_untracked().and_then(|file| file.files()).and_then(|files| files.get(0));
        if let Some(chosen) = chosen {
            import.read_file(chosen);
        }
    };
    view! {
        <label class="import-dialog-label" for="import-text">
            {texts::transfer::paste_here()}
        </label>
        <textarea
            id="import-text"
            class="import-dialog-text"
            node_ref=field
            rows="6"
            spellcheck="false"
            autocapitalize="characters"
            autocomplete="off"
            placeholder="AAPL, MSFT, NVDA"
            autofocus
        ></textarea>
        <p class="import-dialog-hint muted">{texts::transfer::bounds()}</p>
        <div class="dialog-actions import-dialog-actions">
            <label class="button import-dialog-file">
                <input
                    node_ref=file
                    class="visually-hidden"
                    type="file"
                    accept=".csv,.txt,.json,text/csv,text/plain,application/json"
                    on:change=take
                />
                <Icon path=icon::FILE />
                {texts::transfer::choose_file()}
            </label>
            <button class="button primary" type="button" on:click=check>
                {texts::transfer::check()}
            </button>
        </div>
    }
}

fn trouble(import: Import, sentence: String, reference: Option<String>) -> AnyView {
    focus::in_dialog();
    view! {
        <p class="form-failure" role="alert">
            {sentence}
            {reference.map(|id| view! { <code>{id}</code> })}
        </p>
        <div class="dialog-actions import-dialog-actions">
            <button class="button" type="button" autofocus on:click=move |_| import.reset()>
                {texts::transfer::other()}
            </button>
            <button class="button primary" type="button" on:click=move |_| import.dry_run()>
                {texts::transfer::retry()}
            </button>
        </div>
    }
    .into_any()
}
