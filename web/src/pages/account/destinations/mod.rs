//! Where alerts are told beside the app: mailboxes, webhooks and this browser.

mod add;
mod deliveries;
mod push;
mod row;

use super::panel::Panel;
use super::shown_once::{Shown, ShownOnce};
use crate::api::Failure;
use crate::components::controls::notice::Reference;
use crate::i18n;
use crate::state::{State, state};
use crate::texts::{account, destinations as t};
use crate::view::keyed::{Keyed, make, names};
use crate::view::reactive::dynamic;
use add::{AddMail, AddWebhook};
use leptos::prelude::*;
use leptos::task::spawn_local;
use push::AddBrowser;
use row::DestinationRow;
use watchtape_shared::DestinationId;
use watchtape_shared::destination::{Destination, DestinationWithSecret};

/// The destinations, as the section shares them.
#[derive(Clone, Copy)]
struct Destinations {
    state: State,
    all: RwSignal<Option<Vec<Destination>>>,
    failure: RwSignal<Option<Failure>>,
    /// A secret that was made just now.
    secret: RwSignal<Option<Shown>>,
}

impl Destinations {
    fn load(self) {
        self.failure.set(None);
        spawn_local(async move {
            match self.state.api.list_destinations().await {
                Ok(all) => drop(self.all.try_set(Some(all))),
                Err(failure) => drop(self.failure.try_set(Some(failure))),
            }
        });
    }

    fn find(self, id: &DestinationId) -> Option<Destination> {
        self.all.with(|all| all.iter().flatten().find(|held| held.id == *id).cloned())
    }

    /// Takes over what the server has answered with; a new one comes first.
    fn put(self, destination: Destination) {
        self.all.try_update(|all| {
            let all = all.get_or_insert_default();
            match all.iter_mut().find(|held| held.id == destination.id) {
                Some(held) => *held = destination,
                None => all.insert(0, destination),
            }
        });
    }

    fn add(self, made: DestinationWithSecret) {
        let name = made.destination.name.to_string();
        self.take(made);
        self.state.toasts.show(t::added(&name));
    }

    /// Takes over a destination with its secret, which is shown.
    fn take(self, DestinationWithSecret { secret, destination }: DestinationWithSecret) {
        if let Some(secret) = secret {
            let label = t::secret(&destination.name);
            self.secret.try_set(Some(Shown { label, secret, about: t::secret_about(), kept: t::secret_kept() }));
        }
        self.put(destination);
    }

    fn remove(self, id: &DestinationId) {
        self.all.try_update(|all| all.get_or_insert_default().retain(|held| held.id != *id));
    }
}

/// The section at `/account#destinations`.
#[component]
pub(super) fn DestinationsSection() -> impl IntoView {
    let list = Destinations {
        state: state(),
        all: RwSignal::new(None),
        failure: RwSignal::new(None),
        secret: RwSignal::new(None),
    };
    list.load();
    let keys = move || list.all.with(|all| all.iter().flatten().map(|one| one.id.to_string()).collect());
    let row = move |key: String| {
        let id = DestinationId::parse(&key).ok();
        id.map(|id| view! { <DestinationRow list id /> }).into_any()
    };
    view! {
        <Panel title=t::destinations() about=t::about()>
            {dynamic(move || match list.secret.get() {
                Some(shown) => view! { <ShownOnce shown id="made-secret" done=move |()| list.secret.set(None) /> }.into_any(),
                None => ().into_any(),
            })}
            {dynamic(move || {
                let is_empty = list.all.with(|all| all.as_ref().map(Vec::is_empty));
                match (is_empty, list.failure.get()) {
                    (None, Some(failure)) => failed(list, failure),
                    (None, None) => {
                        view! { <div class="entries-loading" role="status" aria-label=account::loading()></div> }.into_any()
                    }
                    (Some(true), _) => view! { <p class="entries-empty">{t::empty()}</p> }.into_any(),
                    (Some(false), _) => ().into_any(),
                }
            })}
            <ul class="entries" aria-label=t::destinations()>
                <Keyed names=names(keys) make=make(row) />
            </ul>
            <p class="matter-note">{t::add_about()}</p>
        </Panel>
        <AddBrowser list />
        <AddMail list />
        <AddWebhook list />
    }
}

fn failed(list: Destinations, failure: Failure) -> AnyView {
    view! {
        <div class="entries-failure" role="alert">
            <p>{i18n::failure::sentence(&failure)}</p>
            <Reference failure />
            <button class="button" type="button" on:click=move |_| list.load()>
                {account::try_again()}
            </button>
        </div>
    }
    .into_any()
}
