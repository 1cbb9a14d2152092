//! The form of alerts, in a dialog: the alerts of a security, and "Tell me when AAPL rises above 200".

mod draft;
mod existing;
mod fields;
mod more;
mod preview;

use crate::api::{Failure, IdempotencyKey};
use crate::components::controls::form::{FormFailure, Submission};
use crate::components::controls::icon::{self, Icon};
use crate::format::money;
use crate::state::alerts::condition_kind::{ConditionKind, Field as Member};
use crate::state::alerts::{AlertsState, FormTask};
use crate::state::{State, state};
use crate::texts::alert_form as t;
use crate::view::focus;
use crate::view::reactive::{dynamic, effect, text};
use draft::Draft;
use existing::Existing;
use fields::ConditionFields;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use more::More;
use preview::PreviewSentence;
use watchtape_shared::Symbol;

/// The dialog's content.
#[component]
pub(crate) fn AlertForm() -> impl IntoView {
    let state = state();
    let task = state.alerts.form();
    on_cleanup(move || state.alerts.close_form());
    // What another device has changed meanwhile.
    state.alerts.load();
    view! {
        <header class="dialog-header">
            <h2 id="tool-title">
                {text(move || task.with(|task| task.as_ref().map_or_else(|| t::title_any().into(), |task| t::title(&task.symbol))))}
            </h2>
            <button class="icon-button" type="button" aria-label=t::close() on:click=move |_| state.dialogs.close()>
                <Icon path=icon::CLOSE />
            </button>
        </header>
        {dynamic(move || match task.get() {
            Some(task) => view! { <OneForm task /> }.into_any(),
            None => ().into_any(),
        })}
    }
}

#[component]
fn OneForm(task: FormTask) -> impl IntoView {
    let state = state();
    let symbol = task.symbol;
    let edited = task.edited.as_ref().and_then(|id| untrack(|| state.alerts.find(id)));
    let draft = Draft::new(state, &task, edited.as_ref());
    let submission = Submission::new();
    if let Some(failure) = &task.failure {
        show_refusal(state, draft, submission, symbol, failure.clone());
    }
    follow_price(state, draft, symbol);
    focus::in_dialog();
    let key = StoredValue::new(None::<(String, IdempotencyKey)>);
    let is_edited = edited.is_some();
    let held = StoredValue::new(edited);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        submission.failure().set(None);
        let Some(complete) = draft.read(state) else { return };
        let was = held.get_value();
        // The same alert that is sent again is made once.
        let body = format!("{complete:?}");
        let key = match key.get_value().filter(|(known, _)| *known == body) {
            Some((_, held)) => held,
            None => {
                let new = IdempotencyKey::new();
                key.set_value(Some((body, new.clone())));
                new
            }
        };
        submission.begin(async move {
            let outcome = match &was {
                Some(alert) => state.alerts.save(alert, complete.patch(alert)).await,
                None => state.alerts.create(&complete.into_new(symbol), &key).await,
            };
            match outcome {
                Ok(()) => {
                    state.dialogs.close();
                    Ok(())
                }
                Err(failure) if draft.is_there() && draft.note(state, symbol, &failure) => Ok(()),
                Err(failure) => Err(failure),
            }
        });
    };
    let action = if is_edited { (t::save(), t::saving()) } else { (t::set(), t::setting()) };
    view! {
        <div class="alert-form">
            <form novalidate on:submit=submit>
                <ConditionFields symbol draft />
                <PreviewSentence symbol draft />
                <More draft />
                <FormFailure failure=submission.failure() />
                <div class="dialog-actions">
                    {is_edited
                        .then(|| {
                            view! {
                                <button class="button" type="button" on:click=move |_| state.open_alert_form(symbol, None)>
                                    {t::cancel_edit()}
                                </button>
                            }
                        })}
                    <button class="button primary" type="submit" aria-disabled=text(move || submission.is_busy().to_string())>
                        {text(move || if submission.is_busy() { action.1 } else { action.0 })}
                    </button>
                </div>
            </form>
            {dynamic(move || match state.alerts.state().get() {
                AlertsState::Failed(failure) => {
                    view! { <p class="alert-form-failed" role="alert">{crate::i18n::failure::sentence(&failure)}</p> }.into_any()
                }
                AlertsState::Loading | AlertsState::Ready(_) => ().into_any(),
            })}
            <Existing symbol />
        </div>
    }
}

/// Reads the current price where nothing on the page shows it, and puts it in where nobody has typed one.
fn follow_price(state: State, draft: Draft, symbol: Symbol) {
    let cell = state.quotes.cell(symbol);
    effect(move || {
        let price = cell.with(|cell| cell.quote.as_ref().and_then(|quote| quote.price));
        if let Some(price) = price {
            untrack(|| draft.suggest(price));
        }
    });
    if untrack(|| state.quotes.peek(symbol, |quote| quote.price)).flatten().is_none() {
        spawn_local(async move {
            if let Ok(quote) = state.api.get_quote(symbol).await {
                state.quotes.insert(quote);
            }
        });
    }
}

/// Shows what was refused where the alert was asked for elsewhere.
fn show_refusal(state: State, draft: Draft, submission: Submission, symbol: Symbol, failure: Failure) {
    if !draft.note(state, symbol, &failure) {
        submission.failure().set(Some(failure));
    }
}

/// What is refused because it is so already.
fn already(state: State, symbol: Symbol) -> Option<String> {
    let price = untrack(|| state.quotes.peek(symbol, |quote| quote.price)).flatten()?;
    Some(t::already(&symbol, &money::price(price)))
}

/// The field that a refusal of the whole condition is shown at.
fn first_field(kind: ConditionKind) -> Member {
    kind.fields().first().copied().unwrap_or(Member::Price)
}
