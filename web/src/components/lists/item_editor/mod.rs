//! The dialog that edits an item's flag, section and note; of several items the flag and the section, where they are
//! changed.

mod flag_choice;
mod opened;

use crate::state::drafts::{Draft, Place};
use crate::state::lists::open_list::annotations::Annotations;
use crate::state::state;
use crate::texts;
use crate::view::focus;
use crate::view::reactive::{dynamic, effect, flag as shown, text};
use flag_choice::FlagChoice;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use opened::{opened, sections};
use watchtape_shared::Symbol;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::visible::find_hidden;
use watchtape_shared::watchlist::Flag;
use web_sys::Event;

/// The most characters of a note.
const LONGEST: usize = 2000;

/// Open while there are items to edit.
#[component]
pub(crate) fn ItemEditor() -> impl IntoView {
    let state = state();
    let dialog = NodeRef::<Dialog>::new();
    let edited = state.editing.edited;
    effect(move || {
        let Some(dialog) = dialog.get() else { return };
        match edited.with(Vec::is_empty) {
            // `show_modal` fails only outside the page or if already open, and neither can be.
            false => drop(dialog.show_modal()),
            true => dialog.close(),
        }
    });
    let cancelled = move |event: Event| {
        if !state.drafts.may_leave() {
            event.prevent_default();
        }
    };
    let closed = move |_| {
        let first = edited.with_untracked(|edited| edited.first().copied());
        if let Some(symbol) = first {
            edited.update(Vec::clear);
            focus::row(symbol);
            // Some browsers close a dialog at the second Escape, whatever the page says.
            state.offer_draft();
        }
    };
    view! {
        <dialog class="dialog item-editor editor" node_ref=dialog aria-labelledby="editor-title" on:cancel=cancelled on:close=closed>
            {dynamic(move || match edited.get() {
                symbols if symbols.is_empty() => ().into_any(),
                symbols => view! { <Form symbols /> }.into_any(),
            })}
        </dialog>
    }
}

#[component]
fn Form(symbols: Vec<Symbol>) -> impl IntoView {
    let state = state();
    // The annotations when the dialog opened: another device may change them before it closes.
    let (title, name, was) = opened(state, &symbols);
    let is_one = symbols.len() == 1;
    let text_of = |text: Option<String>| text.unwrap_or_default();
    let kept = Draft {
        note: text_of(was.note.as_ref().map(ToString::to_string)),
        section: text_of(was.section.as_ref().map(ToString::to_string)),
        flag: was.flag,
    };
    // What was written here before and not kept, as by somebody whose session had ended.
    let list = state.open_list.id().get_untracked();
    let place = symbols.first().zip(list).map(|(symbol, list)| Place::Editor(list, *symbol));
    let held = place.as_ref().and_then(|place| state.drafts.find(place)).unwrap_or_else(|| kept.clone());
    let colour = RwSignal::new(held.flag);
    let section = RwSignal::new(held.section);
    let note = RwSignal::new(held.note);
    if let Some(place) = place.clone() {
        effect(move || {
            let draft = Draft { note: note.get(), section: section.get(), flag: colour.get() };
            state.drafts.keep(&place, (draft != kept).then_some(draft));
        });
    }
    let length = move || note.read().chars().count();
    let has_hidden = move || find_hidden(&note.read(), true).is_some();
    let is_section_hidden = move || find_hidden(&section.read(), false).is_some();
    let is_refused = move || length() > LONGEST || has_hidden();
    let close = move || {
        let first = state.editing.edited.with_untracked(|edited| edited.first().copied());
        state.editing.edited.update(Vec::clear);
        if let Some(symbol) = first {
            focus::row(symbol);
        }
    };
    let cancel = move || {
        if state.drafts.may_leave() {
            close();
        }
    };
    let save = move || {
        // What the server refuses would be typed in vain once the dialog is closed.
        if untrack(|| is_refused() || is_section_hidden()) {
            return;
        }
        let will = Annotations {
            note: Note::parse(&note.get_untracked().replace('\r', "")).ok(),
            flag: colour.get_untracked(),
            section: Section::parse(&section.get_untracked()).ok(),
        };
        if let Some(place) = &place {
            state.drafts.keep(place, None);
        }
        close();
        state.open_list.rewrite(&symbols, &was, &will);
        state.selection.clear();
    };
    let save = StoredValue::new(save);
    let on_keydown = move |event: KeyboardEvent| {
        // Plain Enter is a new line in the note.
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            save.with_value(|save| save());
        }
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        save.with_value(|save| save());
    };
    view! {
        <form on:submit=submit on:keydown=on_keydown>
            <h2 id="editor-title">
                {title} " " <span class="editor-name" dir="auto">{name}</span>
            </h2>
            <fieldset class="flags">
                <legend>{texts::changes::flag()}</legend>
                <FlagChoice colour=None chosen=colour />
                {Flag::ALL.into_iter().map(|flag| view! { <FlagChoice colour=Some(flag) chosen=colour /> }.into_any()).collect_view()}
            </fieldset>
            <div class="field">
                <label for="editor-section">{texts::changes::section()}</label>
                <div class="field-box">
                    <input
                        id="editor-section"
                        type="text"
                        list="editor-sections"
                        maxlength="64"
                        autocomplete="off"
                        placeholder=texts::changes::no_section()
                        prop:value=section.get_untracked()
                        on:input=move |event| section.set(event_target_value(&event))
                    />
                </div>
                <p class="hint" role="status" hidden=shown(move || !is_section_hidden())>
                    {texts::failure::hidden_characters()}
                </p>
                <datalist id="editor-sections">{sections(state)}</datalist>
            </div>
            <div class="field" class:invalid=shown(is_refused) hidden=!is_one>
                <label for="editor-note">{texts::item::note()}</label>
                <div class="field-box">
                    <textarea
                        id="editor-note"
                        dir="auto"
                        rows="5"
                        autofocus=is_one
                        aria-describedby="editor-length"
                        aria-invalid=text(move || is_refused().to_string())
                        prop:value=note.get_untracked()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                </div>
                <p id="editor-length" class="hint note-length">
                    {text(move || match has_hidden() {
                        true => texts::failure::hidden_characters().to_owned(),
                        false => texts::item::length(&length(), &LONGEST),
                    })}
                </p>
            </div>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| cancel()>
                    {texts::tabs::cancel()}
                </button>
                <button class="button primary" type="submit" aria-disabled=text(move || (is_refused() || is_section_hidden()).to_string())>
                    {texts::item::save()}
                </button>
            </div>
        </form>
    }
}
