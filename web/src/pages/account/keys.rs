//! API keys.

use super::devices::joined;
use super::panel::Panel;
use super::rows::{Row, RowList, Rows};
use super::shown_once::{Shown, ShownOnce};
use crate::components::controls::choice::{ChoiceOption, Choices, SegmentedControl};
use crate::components::controls::field::{Field, FieldValue};
use crate::components::controls::form::{Form, Submission};
use crate::components::controls::icon;
use crate::i18n::date_time;
use crate::state::{State, state};
use crate::texts::account;
use crate::view::reactive::dynamic;
use chrono::{DateTime, Utc};
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::api_key::{ApiKey, NewApiKey, Scope};
use watchtape_shared::text::KeyName;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What a key may do, by the name of the choice.
const READ: &str = "read";
const WRITE: &str = "write";

/// How long a key works, in days.
const NEVER: &str = "0";
const MONTH: &str = "30";
const YEAR: &str = "365";

/// Every key, ending one, and making another.
#[component]
pub(super) fn Keys() -> impl IntoView {
    let state = state();
    let list = RowList::load(move || {
        Box::pin(async move { Ok(state.api.list_api_keys().await?.iter().map(|key| row(state, key)).collect()) })
    });
    let made = RwSignal::new(None::<String>);
    let revoke = move |row: Row| {
        spawn_local(async move {
            match state.api.revoke_api_key(&row.id).await {
                Ok(()) => {
                    list.remove(&row.id);
                    state.toasts.show(account::key_revoked(&row.title));
                }
                Err(why) => state.toasts.fail(&account::key_still_works(&row.title), &why),
            }
        });
    };
    view! {
        <Panel title=account::keys() about=account::keys_about()>
            {dynamic(move || match made.get() {
                Some(key) => {
                    let (label, about, kept) = (account::key_made().to_owned(), account::key_made_about(), account::key_kept());
                    let shown = Shown { label, secret: key, about, kept };
                    view! { <ShownOnce shown id="made-key" done=move |()| made.set(None) /> }.into_any()
                }
                None => ().into_any(),
            })}
            <Rows
                list
                label=account::keys()
                empty=account::keys_empty()
                sure=account::revoke_for_good()
                on_act=revoke
            />
        </Panel>
        <NewKey list made />
    }
}

#[component]
fn NewKey(list: RowList, made: RwSignal<Option<String>>) -> impl IntoView {
    let state = state();
    let name = FieldValue::new();
    let (scope, days) = (RwSignal::new(READ), RwSignal::new(YEAR));
    let submission = Submission::new();
    let submit = move |()| {
        let Ok(called) = KeyName::parse(&name.text()) else { return name.refuse(account::key_name_rule()) };
        let scopes = if scope.get_untracked() == WRITE { Scope::ALL.to_vec() } else { vec![Scope::Read] };
        let new = NewApiKey { name: called, scopes, expires_at: end_of(state, days.get_untracked()) };
        submission.begin(async move {
            match state.api.create_api_key(&new).await {
                Ok(created) => {
                    list.add_first(row(state, &created.api_key));
                    made.try_set(Some(created.key));
                    name.clear();
                }
                Err(why) if name.note(&why, "/name") => {}
                Err(why) => return Err(why),
            }
            Ok(())
        });
    };
    let scopes = picks(
        "scope",
        account::key_scope(),
        scope,
        vec![pick(READ, account::scope_read()), pick(WRITE, account::scope_write())],
    );
    let ends = picks(
        "expiry",
        account::key_expiry(),
        days,
        vec![pick(MONTH, account::in_a_month()), pick(YEAR, account::in_a_year()), pick(NEVER, account::never())],
    );
    view! {
        <Panel title=account::new_key() about=account::new_key_about()>
            <Form submission action=(account::make_key(), account::making_key()) on_submit=submit>
                <Field
                    label=account::key_name()
                    name="key-name"
                    kind="text"
                    autocomplete="off"
                    hint=account::key_name_hint()
                    value=name.value
                    error=name.error
                />
                <SegmentedControl picks=scopes />
                <SegmentedControl picks=ends />
            </Form>
        </Panel>
    }
}

fn pick(name: &'static str, label: &'static str) -> ChoiceOption {
    ChoiceOption { name, label, sample: None }
}

fn picks(group: &'static str, label: &'static str, chosen: RwSignal<&'static str>, all: Vec<ChoiceOption>) -> Choices {
    Choices { group, label, all, chosen: chosen.into(), choose: Callback::new(move |name| chosen.set(name)) }
}

/// By the server's clock, which ends the key.
fn end_of(state: State, days: &str) -> Option<DateTime<Utc>> {
    let days: i64 = days.parse().ok().filter(|days| *days > 0)?;
    DateTime::from_timestamp_millis(untrack(|| state.clock.now_ms()) + days * DAY_MS)
}

fn row(state: State, key: &ApiKey) -> Row {
    let may = if key.scopes.contains(&Scope::Write) { account::scope_write() } else { account::scope_read() };
    let ends = key.expires_at.map_or_else(|| account::never_ends().into(), |at| account::ends(&date_time::date(at)));
    let used = key
        .last_used_at
        .map_or_else(|| account::never_used().into(), |at| account::last_used(&date_time::date_and_time(at)));
    let has_ended = key.expires_at.is_some_and(|at| at.timestamp_millis() < untrack(|| state.clock.now_ms()));
    let mut hint = String::from("wt_…");
    hint.push_str(&key.hint);
    Row {
        id: key.id.to_string(),
        icon: icon::KEY,
        title: key.name.to_string(),
        mark: has_ended.then(account::ended),
        is_suspicious: has_ended,
        details: joined(&[&hint, may, &ends, &used]),
        action: Some((account::revoke(), account::revoke_key(&key.name))),
    }
}
