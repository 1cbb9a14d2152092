//! The frame of the app: its state, and which page stands at which address.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

use crate::components::toasts::ToastRegion;
use crate::pages::home::HomePage;
use crate::pages::list::ListPage;
use crate::pages::login::LoginPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::register::RegisterPage;
use crate::pages::reset::ResetPage;
use crate::state::State;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route, Router};
use leptos_router::path;

/// The whole app.
#[component]
pub(crate) fn App() -> impl IntoView {
    let state = State::provide();
    state.follow_session();
    state.ask_who();
    view! {
        <Router>
            <FlatRoutes fallback=NotFoundPage>
                <Route path=path!("") view=HomePage />
                <Route path=path!("lists/:id") view=ListPage />
                <Route path=path!("login") view=LoginPage />
                <Route path=path!("register") view=RegisterPage />
                <Route path=path!("reset") view=ResetPage />
            </FlatRoutes>
        </Router>
        <ToastRegion />
    }
}
