//! The dialog that edits an item's flag, section and note; of several items the flag and the section, where they are
//! changed.

use crate::i18n::flag;
use crate::state::lists::open_list::annotations::Annotations;
use crate::state::{State, state};
use crate::texts;
use crate::view::focus;
use crate::view::reactive::{dynamic, effect, flag as shown, text};
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html::Dialog;
use leptos::prelude::*;
use watchtape_shared::Symbol;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::watchlist::Flag;

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
    let closed = move |_| {
        let first = edited.with_untracked(|edited| edited.first().copied());
        if let Some(symbol) = first {
            edited.update(Vec::clear);
            focus::row(symbol);
        }
    };
    view! {
        <dialog class="dialog editor" node_ref=dialog aria-labelledby="editor-title" on:close=closed>
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
    let colour = RwSignal::new(was.flag);
    let section = RwSignal::new(was.section.as_ref().map_or_else(String::new, ToString::to_string));
    let note = RwSignal::new(was.note.as_ref().map_or_else(String::new, ToString::to_string));
    let length = move || note.read().chars().count();
    let is_too_long = move || length() > LONGEST;
    let close = move || {
        let first = state.editing.edited.with_untracked(|edited| edited.first().copied());
        state.editing.edited.update(Vec::clear);
        if let Some(symbol) = first {
            focus::row(symbol);
        }
    };
    let save = move || {
        if untrack(is_too_long) {
            return;
        }
        let will = Annotations {
            note: Note::parse(&note.get_untracked().replace('\r', "")).ok(),
            flag: colour.get_untracked(),
            section: Section::parse(&section.get_untracked()).ok(),
        };
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
                {title} " " <span class="editor-name">{name}</span>
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
                <datalist id="editor-sections">{sections(state)}</datalist>
            </div>
            <div class="field" class:invalid=shown(is_too_long) hidden=!is_one>
                <label for="editor-note">{texts::item::note()}</label>
                <div class="field-box">
                    <textarea
                        id="editor-note"
                        rows="5"
                        autofocus=is_one
                        aria-describedby="editor-length"
                        aria-invalid=text(move || is_too_long().to_string())
                        prop:value=note.get_untracked()
                        on:input=move |event| note.set(event_target_value(&event))
                    ></textarea>
                </div>
                <p id="editor-length" class="hint note-length">
                    {text(move || texts::item::length(&length(), &LONGEST))}
                </p>
            </div>
            <div class="dialog-actions">
                <button class="button" type="button" on:click=move |_| close()>
                    {texts::tabs::cancel()}
                </button>
                <button class="button primary" type="submit" aria-disabled=text(move || is_too_long().to_string())>
                    {texts::item::save()}
                </button>
            </div>
        </form>
    }
}

/// A colour with its name.
#[component]
fn FlagChoice(colour: Option<Flag>, chosen: RwSignal<Option<Flag>>) -> impl IntoView {
    let name = colour.map_or_else(texts::changes::no_flag, flag::name);
    let value = colour.map_or("none", Flag::as_str);
    view! {
        <label class="flag-choice" data-flag=value>
            <input
                type="radio"
                name="flag"
                value=value
                prop:checked=chosen.get_untracked() == colour
                on:change=move |_| chosen.set(colour)
            />
            <span class="flag-colour" aria-hidden="true"></span>
            {name}
        </label>
    }
}

/// The heading of the dialog, and the items' common annotations.
fn opened(state: State, symbols: &[Symbol]) -> (String, String, Annotations) {
    state.open_list.items().with_untracked(|items| {
        let mut chosen = items.iter().filter(|item| symbols.contains(&item.symbol));
        let Some(first) = chosen.next() else { return Default::default() };
        let mut marks = Annotations::of(first);
        if symbols.len() == 1 {
            return (first.symbol.to_string(), first.name.clone(), marks);
        }
        marks.note = None;
        for item in chosen {
            marks.flag = marks.flag.filter(|flag| item.flag == Some(*flag));
            marks.section = marks.section.filter(|section| item.section.as_ref() == Some(section));
        }
        (crate::state::lists::open_list::commit::describe(symbols), String::new(), marks)
    })
}

/// The existing sections.
fn sections(state: State) -> AnyView {
    let mut names = Vec::new();
    state.open_list.items().with_untracked(|items| {
        for section in items.iter().filter_map(|item| item.section.as_ref()) {
            let name = section.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    });
    names.into_iter().map(|name| view! { <option value=name></option> }.into_any()).collect_view().into_any()
}
