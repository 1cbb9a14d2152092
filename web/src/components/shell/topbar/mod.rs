//! The header: logo, search, badges, account.

use super::badges::{ConnectionBadge, FeedBadge};
use crate::components::account::account_menu::AccountMenu;
use crate::components::controls::brand::Brand;
use crate::components::controls::icon::{self, Icon};
use crate::route::{self, Route};
use crate::state::state;
use crate::texts;
use crate::view::reactive::{attribute, dynamic, text};
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
            <AlertsLink />
            <AccountMenu />
        </header>
    }
}

/// The way to the page of alerts, with how many nobody has seen yet.
#[component]
fn AlertsLink() -> impl IntoView {
    let state = state();
    let unread = move || state.alerts.unread();
    let said = move || match unread() {
        0 => texts::topbar::alerts().to_owned(),
        count => texts::topbar::unseen_alerts(&count),
    };
    let current = move || state.location.route().with(|route| *route == Route::Alerts).then_some("page");
    view! {
        <a class="icon-button alerts-link" href=route::ALERTS aria-label=text(said) title=text(said) aria-current=attribute(current)>
            <Icon path=icon::BELL />
            {dynamic(move || match unread() {
                0 => ().into_any(),
                1..=99 => view! { <span class="corner-count" aria-hidden="true">{unread().to_string()}</span> }.into_any(),
                _ => view! { <span class="corner-count" aria-hidden="true">"99+"</span> }.into_any(),
            })}
        </a>
    }
}
