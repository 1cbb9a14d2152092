//! The header: brand, search, how true the prices are, and the account.

use super::account_menu::AccountMenu;
use super::badges::{ConnectionBadge, FeedBadge};
use super::brand::Brand;
use super::search::SearchBox;
use crate::state::state;
use crate::view::follow::part;
use leptos::prelude::*;

/// Stays at the top of every signed-in page.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let list = state().list.id();
    let has_list = Memo::new(move |_| list.read().is_some());
    // What is typed goes to a list. Before one is open the page is about to change, and typing would be lost with it.
    let search = part(move || {
        if has_list.get() {
            view! { <SearchBox /> }.into_any()
        } else {
            view! { <div class="search"></div> }.into_any()
        }
    });
    view! {
        <header class="topbar">
            <Brand />
            {search}
            <div class="badges">
                <FeedBadge />
                <ConnectionBadge />
            </div>
            <AccountMenu />
        </header>
    }
}
