//! The sentence of the form: "Tell me when AAPL [rises above ▾] [200]".

use super::draft::Draft;
use crate::state::alerts::condition_kind::{ConditionKind, Field};
use crate::texts::alert_form as t;
use crate::view::focus;
use crate::view::reactive::{attribute, dynamic, effect, flag, text};
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// The condition and its fields.
#[component]
pub(super) fn ConditionFields(symbol: Symbol, draft: Draft) -> impl IntoView {
    let options = ConditionKind::ALL.into_iter().map(|kind| {
        view! {
            <option value=kind.name() selected=flag(move || draft.kind.get() == kind)>
                {kind.label()}
            </option>
        }
        .into_any()
    });
    let choose = move |event| {
        let name = event_target_value(&event);
        if let Some(kind) = ConditionKind::ALL.into_iter().find(|kind| kind.name() == name) {
            draft.choose(kind);
        }
    };
    let fields = move || {
        let kind = draft.kind.get();
        let is_channel = kind.fields().contains(&Field::High);
        let fields = kind.fields().iter().enumerate().map(|(at, member)| number(draft, *member, at == 0, is_channel));
        fields.collect_view().into_any()
    };
    // A price that turns the direction round renders no field anew: the one that is typed into stays.
    let shape = crate::view::reactive::memo(move |_| draft.kind.get().fields());
    view! {
        <div class="alert-form-sentence">
            <p class="alert-form-lead">
                {t::tell_me()} " " <b>{symbol.to_string()}</b>
            </p>
            <div class="field alert-form-condition">
                <label for="alert-condition">{t::condition()}</label>
                <select id="alert-condition" prop:value=text(move || draft.kind.get().name()) on:change=choose>
                    {options.collect_view()}
                </select>
            </div>
            {dynamic(move || {
                // Read, not tracked alone: a memo that nobody reads follows nothing.
                shape.get();
                untrack(fields)
            })}
        </div>
    }
}

/// A field for a number.
fn number(draft: Draft, member: Field, is_first: bool, is_channel: bool) -> AnyView {
    let value = draft.field(member);
    let (id, label) = match member {
        Field::Price if is_channel => ("alert-price", t::low()),
        Field::Price => ("alert-price", t::price()),
        Field::High => ("alert-high", t::high()),
        Field::Percent => ("alert-percent", t::percent()),
        Field::Minutes => ("alert-minutes", t::minutes()),
        Field::Days => ("alert-days", t::days()),
    };
    let input = move |event| {
        value.value.set(event_target_value(&event));
        value.error.set(None);
        if member == Field::Price {
            draft.note_price();
        }
    };
    labelled(id, label, value.error, move |described_by| {
        view! {
            <input
                id=id
                type="text"
                inputmode="decimal"
                autocomplete="off"
                autofocus=is_first
                aria-invalid=text(move || value.error.with(Option::is_some).to_string())
                aria-describedby=described_by
                prop:value=text(move || value.value.get())
                on:input=input
                on:focus=move |event| {
                    // What is suggested is typed over.
                    event_target::<web_sys::HtmlInputElement>(&event).select();
                }
            />
        }
        .into_any()
    })
}

/// A field with its label and its error.
pub(super) fn labelled(
    id: &'static str,
    label: &'static str,
    error: RwSignal<Option<String>>,
    input: impl FnOnce(crate::view::reactive::Reactive<Option<String>>) -> AnyView,
) -> AnyView {
    let error_id = [id, "-error"].concat();
    let described_by = {
        let error_id = error_id.clone();
        attribute(move || error.with(Option::is_some).then(|| error_id.clone()))
    };
    effect(move || {
        if error.with(Option::is_some) {
            focus::invalid_field();
        }
    });
    view! {
        <div class="field" class:invalid=flag(move || error.with(Option::is_some))>
            <label for=id>{label}</label>
            <div class="field-box">{input(described_by)}</div>
            <p class="field-error" id=error_id hidden=flag(move || error.with(Option::is_none))>
                {text(move || error.get().unwrap_or_default())}
            </p>
        </div>
    }
    .into_any()
}
