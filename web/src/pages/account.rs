//! The account: who it is, how it is seen, and who may use it.

use super::shell::Shell;
use leptos::prelude::*;

/// Stands at `/account`.
#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    document().set_title("Account – Watchtape");
    view! { <Shell page=|| view! { <h1>"Account"</h1> }.into_any() /> }
}
