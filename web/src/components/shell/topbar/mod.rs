//! The header: logo, search, badges, account.

use super::badges::{ConnectionBadge, FeedBadge};
use crate::components::account::account_menu::AccountMenu;
use crate::components::controls::brand::Brand;
use crate::components::controls::icon::{self, Icon};
use crate::state::state;
use crate::texts;
use leptos::prelude::*;

/// Stays at the top of every signed-in page.
#[component]
pub(crate) fn TopBar() -> impl IntoView {
    let search = state().palette;
    view! {
        <header class="topbar">
            <Brand />
            <button
                id="search"
                class="find"
                type="button"
                aria-haspopup="dialog"
                aria-keyshortcuts="/ Control+K Meta+K"
                on:click=move |_| search.show("")
            >
                <Icon path=icon::SEARCH />
                <span class="find-words">{texts::topbar::find()}</span>
                <kbd aria-hidden="true">"/"</kbd>
            </button>
            <div class="badges">
                <FeedBadge />
                <ConnectionBadge />
            </div>
            <AccountMenu />
        </header>
    }
}
