//! The root component: makes the state, and shows the page of the current route.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

use crate::chunks;
use crate::components::controls::lazy::Lazy;
use crate::components::shell::toasts::ToastRegion;
use crate::components::shell::update_notice::UpdateNotice;
use crate::pages::guard::Guard;
use crate::pages::not_found::NotFoundPage;
use crate::route::Route;
use crate::state::State;
use crate::view::listener::Listener;
use crate::view::reactive::{dynamic, effect, memo};
use crate::view::title;
use leptos::prelude::*;

/// The whole app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let state = State::provide(&chunks::LAZY_PARTS);
    state.location.follow();
    state.follow_session();
    ask_before_leaving(state);
    effect(move || title::set_unseen(state.alerts.unread()));
    state.restore_session();
    let route = state.location.route();
    let page = memo(move |_| route.with(Page::of));
    view! {
        {dynamic(move || match page.get() {
            Page::Home => view! { <Guard load=|| Box::pin(chunks::home()) /> }.into_any(),
            Page::List => view! { <Guard load=|| Box::pin(chunks::list()) /> }.into_any(),
            Page::Login => view! { <Lazy load=|| Box::pin(chunks::login()) /> }.into_any(),
            Page::Register => view! { <Lazy load=|| Box::pin(chunks::register()) /> }.into_any(),
            Page::Reset => view! { <Lazy load=|| Box::pin(chunks::reset()) /> }.into_any(),
            Page::Account => view! { <Guard load=|| Box::pin(chunks::account()) /> }.into_any(),
            Page::Alerts => view! { <Guard load=|| Box::pin(chunks::alerts()) /> }.into_any(),
            Page::ConfirmDestination => view! { <Lazy load=|| Box::pin(chunks::confirm_destination()) /> }.into_any(),
            Page::Security => view! { <Guard load=|| Box::pin(chunks::security()) /> }.into_any(),
            Page::Missing => view! { <NotFoundPage /> }.into_any(),
        })}
        <UpdateNotice />
        <ToastRegion />
    }
}

/// Asks before the page is closed or loaded again while changes are unsent, or something is being written.
fn ask_before_leaving(state: State) {
    let leaves = StoredValue::new_local(None::<Listener>);
    effect(move || {
        let loses = state.open_list.unsent() > 0 || state.drafts.is_any();
        leaves.update_value(|listener| {
            if !loses {
                *listener = None;
            } else if listener.is_none() {
                *listener = Listener::new("beforeunload", |event| event.prevent_default());
            }
        });
    });
}

/// A [`Route`] without what it names: another list is the same page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Page {
    Home,
    List,
    Login,
    Register,
    Reset,
    Account,
    Alerts,
    ConfirmDestination,
    Security,
    Missing,
}

impl Page {
    fn of(route: &Route) -> Self {
        match route {
            Route::Home => Self::Home,
            Route::List(_) => Self::List,
            Route::Login => Self::Login,
            Route::Register => Self::Register,
            Route::Reset => Self::Reset,
            Route::Account => Self::Account,
            Route::Alerts => Self::Alerts,
            Route::ConfirmDestination => Self::ConfirmDestination,
            Route::Security(_) => Self::Security,
            Route::Missing => Self::Missing,
        }
    }
}
