//! The parts of the app that are loaded when they are first needed: each function stands for a view, and all functions
//! of one name in `wasm_split` come in one file.
//!
//! There are four: `auth` the ways in, `lists` what most people look at, `tools` what is called over it, and `pages` the
//! rest. What several of them share becomes a file for each set of them, so that one more name may mean many more
//! requests. What is reached from `main` by another way is in no other file.

use crate::components::account::account_panel::AccountPanel;
use crate::components::controls::lazy::Loaded;
use crate::components::lists::import_dialog;
use crate::components::lists::list_tools::ListTools;
use crate::components::lists::tab_name::TabName;
use crate::components::prices::price_card::PriceCard;
use crate::components::search::palette::results::Results;
use crate::components::shell::shortcuts;
use crate::components::table::view_panel::ViewPanel;
use crate::pages;
use crate::state::State;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use watchtape_shared::transfer::Format;

#[wasm_split(lists, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn home() -> Loaded {
    Ok(|| view! { <pages::home::HomePage /> }.into_any())
}

#[wasm_split(lists, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn list() -> Loaded {
    Ok(|| view! { <pages::list::ListPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn login() -> Loaded {
    Ok(|| view! { <pages::login::LoginPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn register() -> Loaded {
    Ok(|| view! { <pages::register::RegisterPage /> }.into_any())
}

#[wasm_split(auth, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn reset() -> Loaded {
    Ok(|| view! { <pages::reset::ResetPage /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn account() -> Loaded {
    Ok(|| view! { <pages::account::AccountPage /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn account_panel() -> Loaded {
    Ok(|| view! { <AccountPanel /> }.into_any())
}

#[wasm_split(pages, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn security() -> Loaded {
    Ok(|| view! { <pages::security::SecurityPage /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn results() -> Loaded {
    Ok(|| view! { <Results /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn shortcuts() -> Loaded {
    Ok(|| view! { <shortcuts::overview::Overview /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn import() -> Loaded {
    Ok(|| view! { <import_dialog::ImportDialog /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn export(state: State, format: Format) -> Result<(), SplitLoaderError> {
    crate::state::lists::export::save(state, format);
    Ok(())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn list_tools() -> Loaded {
    Ok(|| view! { <ListTools /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn tab_name() -> Loaded {
    Ok(|| view! { <TabName /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn view_panel() -> Loaded {
    Ok(|| view! { <ViewPanel /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn price_card() -> Loaded {
    Ok(|| view! { <PriceCard /> }.into_any())
}
