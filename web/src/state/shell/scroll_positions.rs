//! Where each page was scrolled to: it is there again after Back, Forward and a reload, and a list by any link to it.
//!
//! The browser restores a position as soon as the address has changed, before the page's content is there; so this does it, once
//! the page is tall enough. Deliberately absent: positions of other pages by their links, which begin at their top.

use super::positions::Positions;
use crate::view::listener;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{ResizeObserver, ScrollRestoration};

/// What somebody does who scrolls by themselves.
const INPUTS: [&str; 4] = ["wheel", "touchmove", "pointerdown", "keydown"];
/// What is shown in the place of a page's content.
const PLACEHOLDERS: &str = ".skeleton, .splash";

/// The positions of this tab.
#[derive(Clone, Copy)]
pub(super) struct ScrollPositions {
    inner: StoredValue<Positions>,
}

impl ScrollPositions {
    pub(super) fn new() -> Self {
        Self { inner: StoredValue::default() }
    }

    /// Takes the scrolling of this tab over from the browser.
    pub(super) fn follow(self, path: &str) {
        if let Ok(history) = window().history() {
            // Where the browser refuses, both restore the position.
            let _ = history.set_scroll_restoration(ScrollRestoration::Manual);
        }
        self.arrive(path);
        window_event_listener(leptos::ev::pagehide, move |_| self.note());
        for input in INPUTS {
            // Before those who go somewhere by it, and so want another position.
            listener::capture(input, move |_| self.inner.update_value(|held| held.wanted = None));
        }
        let resized = Closure::<dyn FnMut()>::new(move || self.scroll()).into_js_value();
        if let (Ok(observer), Some(body)) = (ResizeObserver::new(resized.unchecked_ref()), document().body()) {
            observer.observe(&body);
        }
    }

    /// The current page is left by a link.
    pub(super) fn leave(self) {
        self.keep();
        self.note();
    }

    /// The page of this path is shown, in a new history entry.
    pub(super) fn begin(self, path: &str) {
        self.inner.update_value(|held| held.begin(path));
        scroll_to(0.0);
        self.note();
        self.scroll_next_frame();
    }

    /// The page of this path is shown in the place of another, in the same history entry.
    pub(super) fn replace(self, path: &str) {
        self.inner.update_value(|held| held.show(path));
        self.note();
        self.scroll_next_frame();
    }

    /// The history has gone back or forward to this path.
    pub(super) fn travel(self, path: &str) {
        self.keep();
        self.arrive(path);
    }

    pub(super) fn forget(self) {
        self.inner.update_value(Positions::forget);
    }

    fn keep(self) {
        let position = self.position();
        self.inner.update_value(|held| held.keep(position));
    }

    /// Takes up the entry that the history stands at.
    fn arrive(self, path: &str) {
        let state = window().history().and_then(|history| history.state()).unwrap_or_default();
        let noted = state.dyn_into::<Array>().ok().map(|noted| (noted.get(0).as_f64(), noted.get(1).as_f64()));
        match noted {
            Some((Some(entry), position)) => {
                self.inner.update_value(|held| held.arrive(path, entry as u32, position));
                self.scroll_next_frame();
            }
            // An entry that the browser has made, as for a link within the page, to which it scrolls itself.
            _ => {
                self.inner.update_value(|held| {
                    held.begin(path);
                    held.wanted = None;
                });
                self.note();
            }
        }
    }

    /// Writes the entry's number and position into the history, which outlives a reload.
    fn note(self) {
        let noted = Array::of2(&self.inner.with_value(|held| held.entry).into(), &self.position().into());
        if let Ok(history) = window().history() {
            // If the browser refuses, a reload begins at the top.
            let _ = history.replace_state_with_url(&noted, "", None);
        }
    }

    /// Where the page is scrolled to, or will be once it is tall enough.
    fn position(self) -> f64 {
        self.inner.with_value(|held| held.wanted).unwrap_or_else(position)
    }

    /// By then the page of another address is shown.
    fn scroll_next_frame(self) {
        request_animation_frame(move || self.scroll());
    }

    /// Scrolls to the wanted position, or as far as the page reaches until it is taller.
    fn scroll(self) {
        let Some(Some(wanted)) = self.inner.try_with_value(|held| held.wanted) else { return };
        if document().query_selector(PLACEHOLDERS).ok().flatten().is_some() {
            return;
        }
        scroll_to(wanted);
        if position() >= wanted - 1.0 {
            self.inner.update_value(|held| held.wanted = None);
        }
    }
}

fn position() -> f64 {
    window().scroll_y().unwrap_or_default()
}

fn scroll_to(position: f64) {
    window().scroll_to_with_x_and_y(0.0, position);
}
