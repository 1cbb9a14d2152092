//! The parts of the app that are loaded when they are first needed: each function stands for a view, and all functions
//! of one name in `wasm_split` come in one file. What is not reached from `main` by another way is in no other file.

use crate::components::later::Loaded;
use crate::components::list_tools::ListTools;
use crate::components::price_card::PriceCard;
use crate::components::tab_name::TabName;
use crate::components::view_panel::ViewPanel;
use crate::pages;
use leptos::prelude::*;
use leptos::wasm_split::wasm_split;

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

#[wasm_split(security, wasm_split_path = leptos::wasm_split, fallible)]
pub(crate) fn security() -> Loaded {
    Ok(|| view! { <pages::security::SecurityPage /> }.into_any())
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
