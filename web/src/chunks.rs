//! The files that the app is split into: each function loads a view, and all functions of one name in `wasm_split` are
//! in one file.
//!
//! There are four: `auth` for signing in and up, `lists` for what most people look at, `tools` for what is opened over
//! it, and `pages` for the rest. Code that several of them share becomes a file for each set of them, so one more name
//! may mean many more requests. What `main` reaches by another way is in no other file.

use crate::components::account::account_panel::AccountPanel;
use crate::components::alerts::alert_form::AlertForm;
use crate::components::lists::import_dialog::ImportDialog;
use crate::components::lists::list_tools::ListTools;
use crate::components::lists::tab_name::TabName;
use crate::components::prices::price_card::PriceCard;
use crate::components::search::palette::results::Results;
use crate::components::shell::shortcuts::overview::Overview;
use crate::components::table::view_panel::ViewPanel;
use crate::pages;
use crate::state::lazy_parts::LazyParts;
use crate::state::{State, lists};
use crate::view::lazy::LoadedView;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use watchtape_shared::transfer::Format;

/// What components and actions load.
pub(crate) static LAZY_PARTS: LazyParts = LazyParts {
    alert_form: || Box::pin(alert_form()),
    palette_results: || Box::pin(palette_results()),
    shortcuts: || Box::pin(shortcuts()),
    import: || Box::pin(import()),
    list_tools: || Box::pin(list_tools()),
    tab_name: || Box::pin(tab_name()),
    view_panel: || Box::pin(view_panel()),
    price_card: || Box::pin(price_card()),
    account_panel: || Box::pin(account_panel()),
    export: |state, format| Box::pin(export(state, format)),
};

#[wasm_split(lists, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn home() -> LoadedView {
    Ok(|| view! { <pages::home::HomePage /> }.into_any())
}

#[wasm_split(lists, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn list() -> LoadedView {
    Ok(|| view! { <pages::list::ListPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn login() -> LoadedView {
    Ok(|| view! { <pages::login::LoginPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn register() -> LoadedView {
    Ok(|| view! { <pages::register::RegisterPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn reset() -> LoadedView {
    Ok(|| view! { <pages::reset::ResetPage /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn account() -> LoadedView {
    Ok(|| view! { <pages::account::AccountPage /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn alerts() -> LoadedView {
    Ok(|| view! { <pages::alerts::AlertsPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn confirm_destination() -> LoadedView {
    Ok(|| view! { <pages::confirm_destination::ConfirmDestinationPage /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn alert_form() -> LoadedView {
    Ok(|| view! { <AlertForm /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn account_panel() -> LoadedView {
    Ok(|| view! { <AccountPanel /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn security() -> LoadedView {
    Ok(|| view! { <pages::security::SecurityPage /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn palette_results() -> LoadedView {
    Ok(|| view! { <Results /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn shortcuts() -> LoadedView {
    Ok(|| view! { <Overview /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn import() -> LoadedView {
    Ok(|| view! { <ImportDialog /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn export(state: State, format: Format) -> Result<(), SplitLoaderError> {
    lists::export::save(state, format);
    Ok(())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn list_tools() -> LoadedView {
    Ok(|| view! { <ListTools /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn tab_name() -> LoadedView {
    Ok(|| view! { <TabName /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn view_panel() -> LoadedView {
    Ok(|| view! { <ViewPanel /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
fn price_card() -> LoadedView {
    Ok(|| view! { <PriceCard /> }.into_any())
}
