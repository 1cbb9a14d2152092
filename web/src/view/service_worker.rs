//! What the app and the script of its service worker (`web/sw/install.js`) tell each other: events of the window.

use leptos::prelude::window;
use web_sys::Event;

/// From the worker: a new version is ready.
pub(crate) const UPDATE: &str = "watchtape-update";
/// To the worker: go on with the new version.
pub(crate) const RELOAD: &str = "watchtape-reload";
/// To the worker: look for a new version.
pub(crate) const CHECK: &str = "watchtape-check";

/// Tells the worker. Where there is none, nobody hears.
pub(crate) fn notify(event: &str) {
    if let Ok(event) = Event::new(event) {
        let _ = window().dispatch_event(&event);
    }
}
