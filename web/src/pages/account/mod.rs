//! The account page. One section is open at a time, named by the hash of the address.

mod appearance;
mod data;
mod deletion;
mod destinations;
mod devices;
mod history;
mod keep_account;
mod keys;
mod panel;
mod password;
mod profile;
mod rows;
mod section;
mod shown_once;

use super::shell::Shell;
use crate::state::state;
use crate::texts::{account, auth};
use crate::view::reactive::{attribute, dynamic, memo};
use crate::view::title;
use leptos::ev::popstate;
use leptos::prelude::*;
use section::Section;

/// The page at `/account`.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    title::set(&auth::window(&account::account()));
    view! { <Shell><Account /></Shell> }
}

#[component]
fn Account() -> impl IntoView {
    let state = state();
    let is_guest = memo(move |_| state.session.is_guest());
    let hash = RwSignal::new(open_hash());
    let listener = window_event_listener(popstate, move |_| hash.set(open_hash()));
    on_cleanup(move || listener.remove());
    let open = memo(move |_| hash.with(|hash| Section::of(hash, is_guest.get())));
    view! {
        <div class="account">
            <header class="account-head">
                <h1>{account::account()}</h1>
            </header>
            {dynamic(move || {
                let links = Section::all(is_guest.get()).iter().map(|section| link(*section, open)).collect_view();
                view! { <nav class="account-nav" aria-label=account::sections()>{links}</nav> }.into_any()
            })}
            <div class="account-section">
                {dynamic(move || match open.get() {
                    Section::Keep => view! { <keep_account::KeepAccount /> }.into_any(),
                    Section::Profile => view! { <profile::Profile /> }.into_any(),
                    Section::Appearance => view! { <appearance::Appearance /> }.into_any(),
                    Section::Password => view! { <password::ChangePassword /> }.into_any(),
                    Section::Destinations => view! { <destinations::DestinationsSection /> }.into_any(),
                    Section::Devices => view! { <devices::Devices /> }.into_any(),
                    Section::Keys => view! { <keys::Keys /> }.into_any(),
                    Section::History => view! { <history::History /> }.into_any(),
                    Section::Data => view! { <data::Data /> }.into_any(),
                })}
            </div>
        </div>
    }
}

fn link(section: Section, open: Memo<Section>) -> AnyView {
    let current = move || (open.get() == section).then_some("page");
    view! {
        <a href=section.address() aria-current=attribute(current)>
            {section.name()}
        </a>
    }
    .into_any()
}

fn open_hash() -> String {
    location().hash().unwrap_or_default()
}
