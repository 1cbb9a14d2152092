//! The header: brand, search, how true the prices are, and the account.

use super::account_menu::AccountMenu;
use super::badges::{ConnectionBadge, FeedBadge};
use super::brand::Brand;
use super::search::SearchBox;
use leptos::prelude::*;

/// Stays at the top of every signed-in page.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    view! {
        <header class="topbar">
            <Brand />
            <SearchBox />
            <div class="badges">
                <FeedBadge />
                <ConnectionBadge />
            </div>
            <AccountMenu />
        </header>
    }
}
