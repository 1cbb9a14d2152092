//! One security: its price, its past and its lists.

use super::shell::Shell;
use crate::route::Route;
use crate::state::state;
use crate::view::follow::text;
use leptos::prelude::*;

/// Stands at `/securities/{symbol}`.
#[component]
pub(crate) fn SecurityPage() -> impl IntoView {
    view! { <Shell page=|| view! { <Security /> }.into_any() /> }
}

#[component]
fn Security() -> impl IntoView {
    let route = state().place.route();
    let symbol = move || match &*route.read() {
        Route::Security(symbol) => symbol.to_string(),
        _ => String::new(),
    };
    view! { <h1>{text(symbol)}</h1> }
}
