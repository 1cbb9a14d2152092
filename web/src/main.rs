//! The Watchtape browser app: lists of securities, and their prices as they move.
//!
//! ```text
//!   app.rs, route.rs     the frame and the URL table
//!   pages/ components/   views: they read the state and call its methods
//!   state/               everything that changes
//!   api/ live/           the two ways to the server: calls, and the price stream
//!   figures/ words/      numbers and sentences as people read them; no DOM
//! ```
//!
//! Deliberately absent: prices in floating point, tokens in storage, and anything loaded from another server.

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
    let place = web_sys::window().and_then(|window| window.document()?.get_element_by_id("app"));
    if let Some(place) = place {
        // What stands there until now is the page's own "loading".
        place.set_inner_html("");
        leptos::mount::mount_to(place.unchecked_into(), app::App).forget();
    }
}
