//! A list of rows with an action each: devices, keys and events.

use crate::api::Failure;
use crate::components::controls::icon::Icon;
use crate::components::controls::notice::Reference;
use crate::i18n;
use crate::texts::account;
use crate::view::reactive::{dynamic, memo, text};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;

/// One row.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) icon: &'static str,
    pub(super) title: String,
    /// A badge beside the title.
    pub(super) mark: Option<&'static str>,
    pub(super) is_suspicious: bool,
    pub(super) details: String,
    /// The label of its action, and the action's accessible name.
    pub(super) action: Option<(&'static str, String)>,
}

type Reading = Pin<Box<dyn Future<Output = Result<Vec<Row>, Failure>>>>;

type Read = Box<dyn Fn() -> Reading + Send + Sync>;

/// The rows loaded so far.
#[derive(Clone, Copy)]
pub(super) struct RowList {
    rows: RwSignal<Option<Vec<Row>>>,
    failure: RwSignal<Option<Failure>>,
    read: StoredValue<Read>,
}

impl RowList {
    /// Loads the first page.
    pub(super) fn load(read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        let read: Read = Box::new(read);
        let list = Self { rows: RwSignal::new(None), failure: RwSignal::new(None), read: StoredValue::new(read) };
        list.go_on();
        list
    }

    /// Loads the first or the next page.
    pub(super) fn go_on(self) {
        self.failure.set(None);
        let Some(reading) = self.read.try_with_value(|read| read()) else { return };
        spawn_local(async move {
            match reading.await {
                Ok(mut more) => {
                    self.rows.try_update(|rows| rows.get_or_insert_default().append(&mut more));
                }
                Err(why) => {
                    self.failure.try_set(Some(why));
                }
            }
        });
    }

    pub(super) fn add_first(self, row: Row) {
        self.rows.try_update(|rows| rows.get_or_insert_default().insert(0, row));
    }

    pub(super) fn remove(self, id: &str) {
        self.rows.try_update(|rows| rows.get_or_insert_default().retain(|row| row.id != id));
    }
}

/// The rows, or why there are none.
#[component]
pub(super) fn Rows(
    list: RowList,
    label: &'static str,
    empty: &'static str,
    /// The question before an action that cannot be undone.
    #[prop(optional)]
    sure: &'static str,
    #[prop(into)] on_act: Callback<Row>,
) -> impl IntoView {
    let armed = RwSignal::new(None::<String>);
    let act = Callback::new(move |row: Row| {
        if sure.is_empty() || armed.with_untracked(|armed| armed.as_ref() == Some(&row.id)) {
            armed.set(None);
            on_act.run(row);
        } else {
            armed.set(Some(row.id));
        }
    });
    view! {
        {dynamic(move || match list.rows.get() {
            None if list.failure.with(Option::is_some) => ().into_any(),
            None => view! { <div class="entries-loading" role="status" aria-label=account::loading()></div> }.into_any(),
            Some(rows) if rows.is_empty() => view! { <p class="entries-empty">{empty}</p> }.into_any(),
            Some(rows) => {
                let rows = rows.into_iter().map(|row| one(row, armed, sure, act)).collect_view();
                view! { <ul class="entries" aria-label=label>{rows}</ul> }.into_any()
            }
        })}
        {dynamic(move || {
            let Some(failure) = list.failure.get() else { return ().into_any() };
            view! {
                <div class="entries-failure" role="alert">
                    <p>{i18n::failure::sentence(&failure)}</p>
                    <Reference failure />
                    <button class="button" type="button" on:click=move |_| list.go_on()>
                        {account::try_again()}
                    </button>
                </div>
            }
                .into_any()
        })}
    }
}

fn one(row: Row, armed: RwSignal<Option<String>>, sure: &'static str, act: Callback<Row>) -> AnyView {
    let Row { id, icon, title, mark, is_suspicious, details, action } = row.clone();
    let button = action.map(|(word, spoken)| {
        let is_armed = memo(move |_| armed.with(|armed| armed.as_ref() == Some(&id)));
        view! {
            <button
                class="button"
                class:danger=move || is_armed.get()
                type="button"
                aria-label=text(move || if is_armed.get() { sure.to_owned() } else { spoken.clone() })
                on:click=move |_| act.run(row.clone())
                on:blur=move |_| {
                    if is_armed.try_get_untracked() == Some(true) {
                        armed.set(None);
                    }
                }
            >
                {text(move || if is_armed.get() { sure } else { word })}
            </button>
        }
        .into_any()
    });
    view! {
        <li class="entry" class:alarming=is_suspicious>
            <Icon path=icon />
            <div class="entry-text">
                <p class="entry-title">
                    <b dir="auto">{title}</b>
                    {mark.map(|mark| view! { <span class="entry-mark">{mark}</span> })}
                </p>
                <p class="entry-details">{details}</p>
            </div>
            {button}
        </li>
    }
    .into_any()
}
