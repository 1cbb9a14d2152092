//! Events between the app and the script of its service worker (`web/sw/install.js`).

use leptos::prelude::window;
use web_sys::Event;

/// From the service worker: a new version is ready.
pub(crate) const UPDATE: &str = "watchtape-update";
/// To the service worker: activate the new version.
pub(crate) const RELOAD: &str = "watchtape-reload";
/// To the service worker: check for a new version.
pub(crate) const CHECK: &str = "watchtape-check";

/// Dispatches an event to the script of the service worker, if there is one.
pub(crate) fn notify(event: &str) {
    if let Ok(event) = Event::new(event) {
        let _ = window().dispatch_event(&event);
    }
}
