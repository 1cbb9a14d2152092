//! The results, by kind, and the buttons for the marked one.

use super::option::{ActionOption, AlertOption, ListOption, TickerOption};
use super::{RESULTS_ID, option_id};
use crate::components::controls::icon::{self, Icon};
use crate::state::search::results::{SearchAction, SearchResult, SearchResults, Section};
use crate::state::shell::toasts::{Kind, Toast};
use crate::state::{State, state};
use crate::view::reactive::{dynamic, flag, text};
use crate::{i18n, texts};
use leptos::prelude::*;

/// The results below the field.
#[component]
pub(crate) fn Results() -> impl IntoView {
    let state = state();
    let results = SearchResults::new(state);
    results.follow();
    view! {
        {dynamic(move || choosing_list_for(results))}
        <div class="palette-body" on:mousedown=|event| event.prevent_default()>
            {dynamic(move || found(state, results))}
        </div>
        <Footer results />
    }
}

/// The prompt to choose a list.
fn choosing_list_for(results: SearchResults) -> AnyView {
    let Some(symbol) = results.choosing_list_for() else { return ().into_any() };
    view! {
        <p class="palette-moving" role="status">
            <span>{texts::palette::choose_list(&symbol)}</span>
            <button class="palette-close" type="button" on:click=move |_| results.back()>
                {texts::palette::back()}
            </button>
        </p>
    }
    .into_any()
}

fn found(state: State, results: SearchResults) -> AnyView {
    let failure = results.failure().get().map(|failure| {
        view! { <p class="palette-said" role="alert">{i18n::failure::sentence(&failure)}</p> }
    });
    let sections = results.sections().get();
    if sections.is_empty() {
        let query = state.palette.query().get_untracked();
        if query.trim().is_empty() || failure.is_some() {
            return failure.into_any();
        }
        return view! {
            <p class="palette-said">{texts::palette::nothing(&query.trim())}</p>
            <p class="palette-said muted">{texts::palette::nothing_hint()}</p>
        }
        .into_any();
    }
    let mut from = 0;
    let groups = sections.into_iter().enumerate().map(|(at, section)| {
        let group = group(results, at, from, &section);
        from += section.entries.len();
        group
    });
    view! {
        {failure}
        <div id=RESULTS_ID role="listbox" aria-label=texts::palette::results()>
            {groups.collect_view()}
        </div>
    }
    .into_any()
}

fn group(results: SearchResults, at: usize, from: usize, section: &Section) -> AnyView {
    let heading_id = format!("palette-heading-{at}");
    let label_id = heading_id.clone();
    let options = section.entries.iter().enumerate().map(|(at, entry)| {
        let (at, search) = (from + at, state().palette);
        let symbol = if let SearchResult::Ticker(found) = entry { Some(found.ticker.symbol.to_string()) } else { None };
        let (class, inside) = match entry {
            SearchResult::Ticker(found) => {
                ("option of-ticker", view! { <TickerOption found=found.clone() /> }.into_any())
            }
            SearchResult::List(list) => {
                let (name, count) = (list.name.to_string(), list.count as usize);
                ("option", view! { <ListOption name count /> }.into_any())
            }
            SearchResult::Alert(alert) => ("option", view! { <AlertOption alert=*alert /> }.into_any()),
            SearchResult::Action(action) => ("option", view! { <ActionOption action=*action /> }.into_any()),
        };
        view! {
            <div
                id=option_id(at)
                class=class
                role="option"
                aria-selected=text(move || (search.active() == at).to_string())
                data-symbol=symbol
                on:click=move |_| results.choose(at, SearchAction::Add)
            >
                {inside}
            </div>
        }
        .into_any()
    });
    view! {
        <div role="group" aria-labelledby=label_id>
            <div id=heading_id class="palette-heading" role="presentation">
                {section.heading}
            </div>
            {options.collect_view()}
        </div>
    }
    .into_any()
}

/// The last toast, or else the keys.
#[component]
fn Footer(results: SearchResults) -> impl IntoView {
    let state = state();
    let done = move || state.toasts.visible().pop().filter(|_| state.palette.is_open());
    view! {
        <div class="palette-foot">
            <div class="palette-done" role="status">
                {dynamic(move || match done() {
                    Some(toast) => view! { <Done toast /> }.into_any(),
                    None => ().into_any(),
                })}
            </div>
            <div class="palette-keys" hidden=flag(move || results.marked_ticker().is_none())>
                <ActionButton results action=SearchAction::Add keys="Enter" label=texts::palette::add() />
                <ActionButton results action=SearchAction::Open keys="Ctrl Enter" label=texts::palette::open_page() />
                <ActionButton results action=SearchAction::ChooseList keys="Tab" label=texts::palette::other_list() />
            </div>
            <div class="palette-keys scopes" aria-hidden="true" hidden=flag(move || results.marked_ticker().or(results.choosing_list_for()).is_some())>
                <span><kbd>">"</kbd>{texts::palette::only_actions()}</span>
                <span><kbd>"@"</kbd>{texts::palette::only_lists()}</span>
            </div>
        </div>
    }
}

/// A button with its key for the marked result. The key works in the field, so the button is not a tab stop.
#[component]
fn ActionButton(
    results: SearchResults,
    action: SearchAction,
    keys: &'static str,
    label: &'static str,
) -> impl IntoView {
    let search = state().palette;
    view! {
        <button
            type="button"
            tabindex="-1"
            on:mousedown=|event| event.prevent_default()
            on:click=move |_| results.choose(untrack(|| search.active()), action)
        >
            <kbd aria-hidden="true">{keys}</kbd>
            {label}
        </button>
    }
}

#[component]
fn Done(toast: Toast) -> impl IntoView {
    let toasts = state().toasts;
    let (class, icon) = match toast.kind {
        Kind::Done | Kind::Info => ("done", icon::CHECK),
        Kind::Alert => ("done", icon::BELL),
        Kind::Error => ("wrong", icon::ALERT),
    };
    let (id, action) = (toast.id, toast.action);
    view! {
        <span class=class>
            <Icon path=icon />
            {toast.text}
        </span>
        {action
            .map(|(label, act)| {
                view! {
                    <button
                        class="palette-close"
                        type="button"
                        on:click=move |_| {
                            toasts.dismiss(id);
                            act();
                        }
                    >
                        {label}
                    </button>
                }
            })}
    }
}
