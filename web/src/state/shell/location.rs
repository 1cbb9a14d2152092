//! The address bar: the current route, and navigation.
//!
//! A link is a plain `<a href>`. One click listener for the whole page handles links to addresses of this app, and
//! leaves the others to the browser: new tabs, downloads, other servers.

use super::scroll_positions::ScrollPositions;
use crate::route::{self, Route};
use crate::state::drafts::Drafts;
use leptos::ev::{MouseEvent, click, popstate};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement};

/// The current address of the tab.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    route: RwSignal<Route>,
    /// The address on screen, with its query.
    address: StoredValue<String>,
    positions: ScrollPositions,
    drafts: Drafts,
}

impl Location {
    pub(in crate::state) fn new(drafts: Drafts) -> Self {
        Self {
            route: RwSignal::new(Route::of(&path())),
            address: StoredValue::new(address()),
            positions: ScrollPositions::new(),
            drafts,
        }
    }

    /// Starts following the history and the links of the page.
    pub(crate) fn follow(self) {
        self.positions.follow(&path());
        window_event_listener(popstate, move |_| self.go_back());
        window_event_listener(click, move |event| self.follow_link(&event));
    }

    pub(crate) fn route(self) -> ReadSignal<Route> {
        self.route.read_only()
    }

    /// The current path, without its query.
    pub(crate) fn path(self) -> String {
        path()
    }

    /// Forgets where a person's pages were scrolled to. The address is replaced by the pages' guard.
    pub(in crate::state) fn forget(self) {
        self.positions.forget();
    }

    /// The path to go to after signing in.
    pub(crate) fn next(self) -> String {
        let query = location().search().unwrap_or_default();
        let asked = query.trim_start_matches('?').split('&').find_map(|part| part.strip_prefix("next="));
        route::next(asked.unwrap_or_default()).to_owned()
    }

    /// Navigates to an address of the app, unless what is being written would be lost and is not to be.
    pub(crate) fn go(self, address: &str) {
        if !self.drafts.may_leave() {
            return;
        }
        self.positions.leave();
        // If the browser refuses, the tab stays where it is.
        if window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address))).is_ok()
        {
            self.positions.begin(&path());
            self.update_route();
        }
    }

    /// Replaces the current address in the history.
    pub(crate) fn replace(self, address: &str) {
        let history = window().history();
        if history.and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address))).is_ok() {
            self.positions.replace(&path());
            self.update_route();
        }
    }

    /// The browser has gone to another entry of the history: the address that was left is put back if what is being
    /// written is not to be lost.
    fn go_back(self) {
        if Route::of(&path()) == self.route.get_untracked() || self.drafts.may_leave() {
            self.positions.travel(&path());
            return self.update_route();
        }
        let history = window().history();
        let left = self.address.get_value();
        // If the browser refuses, the page stays as it is, under the other address.
        let _ = history.and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(&left)));
    }

    fn update_route(self) {
        self.address.set_value(address());
        let route = Route::of(&path());
        if self.route.with_untracked(|held| *held != route) {
            self.route.set(route);
        }
    }

    fn follow_link(self, event: &MouseEvent) {
        let is_plain = event.button() == 0
            && !(event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key())
            && !event.default_prevented();
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let link = target.filter(|_| is_plain).and_then(|target| target.closest("a[href]").ok().flatten());
        let Some(link) = link.and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) else { return };
        let is_ours = location().origin().is_ok_and(|origin| link.origin() == origin)
            && Route::of(&link.pathname()) != Route::Missing
            && !is_within(&link)
            && link.target().is_empty()
            && !link.has_attribute("download");
        if is_ours {
            event.prevent_default();
            self.go(&format!("{}{}{}", link.pathname(), link.search(), link.hash()));
        }
    }
}

/// Whether a link leads to an anchor of the open page, which the browser handles.
fn is_within(link: &HtmlAnchorElement) -> bool {
    !link.hash().is_empty() && link.pathname() == path()
}

fn address() -> String {
    path() + &location().search().unwrap_or_default() + &location().hash().unwrap_or_default()
}

fn path() -> String {
    location().pathname().unwrap_or_default()
}
