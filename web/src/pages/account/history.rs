//! The account's audit events.

use super::devices::joined;
use super::panel::Panel;
use super::rows::{Row, RowList, Rows};
use crate::components::controls::icon;
use crate::i18n::{audit_event, date_time, device};
use crate::state::state;
use crate::texts::account;
use crate::view::reactive::dynamic;
use leptos::prelude::*;
use watchtape_shared::audit::AuditEvent;

/// Where the next page begins: at the top, somewhere, or nowhere.
#[derive(Clone, PartialEq)]
enum Next {
    Top,
    After(String),
    End,
}

/// The events, the newest first, a page at a time.
#[component]
pub(super) fn History() -> impl IntoView {
    let api = state().api;
    let next = RwSignal::new(Next::Top);
    let list = RowList::load(move || {
        Box::pin(async move {
            let cursor = match next.try_get_untracked() {
                Some(Next::After(cursor)) => Some(cursor),
                _ => None,
            };
            let page = api.list_audit_events(cursor.as_deref()).await?;
            next.try_set(page.next_cursor.map_or(Next::End, Next::After));
            Ok(page.items.iter().map(row).collect())
        })
    });
    view! {
        <Panel title=account::history() about=account::history_about()>
            <Rows list label=account::history() empty=account::history_empty() on_act=|_| () />
            {dynamic(move || match next.get() {
                Next::After(_) => view! {
                    <button class="button" type="button" on:click=move |_| list.go_on()>
                        {account::more()}
                    </button>
                }
                    .into_any(),
                Next::Top | Next::End => ().into_any(),
            })}
        </Panel>
    }
}

fn row(event: &AuditEvent) -> Row {
    let device = event.user_agent.as_deref().map(|said| device::name(Some(said))).unwrap_or_default();
    Row {
        id: event.id.to_string(),
        icon: if audit_event::is_suspicious(event.kind) { icon::ALERT } else { icon::CHECK },
        title: audit_event::sentence(event.kind).into(),
        mark: None,
        is_suspicious: audit_event::is_suspicious(event.kind),
        details: joined(&[&date_time::date_and_time(event.at), &device, event.address.as_deref().unwrap_or_default()]),
        action: None,
    }
}
