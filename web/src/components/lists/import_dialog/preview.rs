//! The preview of an import: what is added, what is on the list already, and each rejected line with its number and
//! reason.

use crate::state::lists::import::Import;
use crate::texts;
use crate::view::focus;
use leptos::prelude::*;
use watchtape_shared::transfer::{Imported, RejectedLine, RejectionCode};

/// The most entries that are shown; the rest is counted.
const MAX_CHIPS: usize = 60;
const MAX_LINES: usize = 200;

/// The outcome of a dry run, and the button to import.
#[component]
pub(super) fn Preview(import: Import, outcome: Imported) -> impl IntoView {
    let added = outcome.added as usize;
    let accepted = outcome.symbols.iter().map(ToString::to_string).collect();
    let (held, rejected): (Vec<_>, Vec<_>) =
        outcome.rejected.into_iter().partition(|line| line.code == RejectionCode::AlreadyOnList);
    let held: Vec<String> = held.into_iter().map(|line| line.text).collect();
    let is_useful = added > 0;
    focus::in_dialog();
    let action = if is_useful { texts::transfer::add(&added) } else { texts::transfer::nothing_to_add().into() };
    view! {
        <div role="status">
            <ul class="import-dialog-counts">
            <li class="good">{texts::transfer::count_added(&added)}</li>
            <li>{texts::transfer::count_held(&held.len())}</li>
            <li class:bad=!rejected.is_empty()>{texts::transfer::count_rejected(&rejected.len())}</li>
        </ul>
        </div>
        <div class="import-dialog-body" tabindex="0" role="group" aria-labelledby="tool-title">
            {lines(rejected)}
            {chips(texts::transfer::will_be_added(), accepted)}
            {chips(texts::transfer::there_already(), held)}
        </div>
        <div class="dialog-actions import-dialog-actions">
            <button class="button" type="button" autofocus=!is_useful on:click=move |_| import.reset()>
                {texts::transfer::other()}
            </button>
            <button
                class="button primary"
                type="button"
                autofocus=is_useful
                disabled=!is_useful
                on:click=move |_| import.confirm()
            >
                {action}
            </button>
        </div>
    }
}

fn lines(rejected: Vec<RejectedLine>) -> AnyView {
    if rejected.is_empty() {
        return ().into_any();
    }
    let more = rejected.len().saturating_sub(MAX_LINES);
    let rows = rejected.into_iter().take(MAX_LINES).map(|line| {
        view! {
            <tr>
                <td class="import-dialog-number">{line.line.to_string()}</td>
                <td>
                    <code>{line.text}</code>
                </td>
                <td>{reason(line.code)}</td>
            </tr>
        }
        .into_any()
    });
    view! {
        <table class="import-dialog-lines">
            <caption>{texts::transfer::cannot_be_added()}</caption>
            <thead>
                <tr>
                    <th scope="col">{texts::transfer::line()}</th>
                    <th scope="col">{texts::transfer::content()}</th>
                    <th scope="col">{texts::transfer::reason()}</th>
                </tr>
            </thead>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        {(more > 0).then(|| view! { <p class="muted">{texts::transfer::and_more(&more)}</p> })}
    }
    .into_any()
}

fn chips(title: &'static str, symbols: Vec<String>) -> AnyView {
    if symbols.is_empty() {
        return ().into_any();
    }
    let more = symbols.len().saturating_sub(MAX_CHIPS);
    let chips = symbols.into_iter().take(MAX_CHIPS).map(|symbol| view! { <li class="symbol">{symbol}</li> }.into_any());
    view! {
        <h3>{title}</h3>
        <ul class="import-dialog-chips">
            {chips.collect_view()} {(more > 0).then(|| view! { <li class="muted">{texts::transfer::and_more(&more)}</li> })}
        </ul>
    }
    .into_any()
}

fn reason(code: RejectionCode) -> &'static str {
    use texts::transfer as t;
    match code {
        RejectionCode::InvalidSymbol => t::invalid_symbol(),
        RejectionCode::UnknownSymbol => t::unknown_symbol(),
        RejectionCode::AlreadyOnList => t::there_already(),
        RejectionCode::TooManyItems => t::too_many_items(),
        RejectionCode::NotOnList => t::not_on_list(),
        RejectionCode::TooMuchText => t::too_much_text(),
        RejectionCode::InvalidNote => t::invalid_note(),
        RejectionCode::InvalidFlag => t::invalid_flag(),
        RejectionCode::InvalidSection => t::invalid_section(),
        RejectionCode::WrongExchange => t::wrong_exchange(),
        RejectionCode::Malformed => t::malformed(),
    }
}
