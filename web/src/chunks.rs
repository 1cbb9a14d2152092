//! The parts of the app that are loaded when they are first needed: each function stands for a view, and all functions
//! of one name in `wasm_split` come in one file. What is not reached from `main` by another way is in no other file.

use crate::components::account_panel::AccountPanel;
use crate::components::later::Loaded;
use crate::components::palette::results::Results;
use crate::components::{import_dialog, shortcuts};
use crate::pages;
use crate::state::State;
use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use watchtape_shared::transfer::Format;

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

#[wasm_split(account, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn account() -> Loaded {
    Ok(|| view! { <pages::account::AccountPage /> }.into_any())
}

#[wasm_split(account_panel, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn account_panel() -> Loaded {
    Ok(|| view! { <AccountPanel /> }.into_any())
}

#[wasm_split(security, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn security() -> Loaded {
    Ok(|| view! { <pages::security::SecurityPage /> }.into_any())
}

#[wasm_split(palette, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn results() -> Loaded {
    Ok(|| view! { <Results /> }.into_any())
}

#[wasm_split(tools, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn shortcuts() -> Loaded {
    Ok(|| view! { <shortcuts::overview::Overview /> }.into_any())
}

#[wasm_split(transfer, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn import() -> Loaded {
    Ok(|| view! { <import_dialog::ImportDialog /> }.into_any())
}

#[wasm_split(transfer, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn export(state: State, format: Format) -> Result<(), SplitLoaderError> {
    import_dialog::export::save(state, format);
    Ok(())
}
