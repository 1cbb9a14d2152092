//! The Watchtape browser app: lists of securities, and their prices as they move.
//!
//! ```text
//!   main.rs, app.rs      starts the app, and shows the page of the current route
//!   chunks.rs            which views are loaded on demand, and in which file
//!   pages/ components/   views: they read the state and call its methods
//!   state/               everything that changes, by what a person does
//!   i18n/ format/        domain values and numbers as text; no DOM
//!   stream/ api/         the price stream and the REST API
//!   route.rs view/       addresses, and helpers of views
//!   texts/               the app's texts, by language
//! ```
//!
//! Imports go down this list. Deliberately absent: prices in floating point, tokens in storage, and anything loaded
//! from another server.

mod api;
mod app;
mod chunks;
mod components;
mod format;
mod i18n;
mod pages;
mod panic_notice;
mod route;
mod state;
mod stream;
mod texts;
mod view;

use wasm_bindgen::JsCast;

fn main() {
    panic_notice::install();
    wasm_bindgen_futures::spawn_local(start());
}

async fn start() {
    if let Some(language) = state::appearance::language::chosen() {
        texts::load(&language).await;
    }
    let root = web_sys::window().and_then(|window| window.document()?.get_element_by_id("app"));
    if let Some(root) = root {
        // Until now it shows the loading notice of `index.html`.
        root.set_inner_html("");
        leptos::mount::mount_to(root.unchecked_into(), app::App).forget();
    }
}
