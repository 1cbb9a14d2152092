//! Where in the app this tab is: the address bar, read and written.
//!
//! A link is a plain `<a href>`. One listener for the whole page takes its click where the address is this app's, and
//! leaves to the browser what is meant for it: another tab, a download, another server.

use crate::route::{self, Route};
use leptos::ev::{MouseEvent, click, popstate};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlAnchorElement};

/// The tab's place.
#[derive(Clone, Copy)]
pub(crate) struct Location {
    route: RwSignal<Route>,
}

impl Location {
    pub(in crate::state) fn new() -> Self {
        Self { route: RwSignal::new(Route::of(&path())) }
    }

    /// Follows the address bar and the links of the page from now on.
    pub(crate) fn follow(self) {
        window_event_listener(popstate, move |_| self.look());
        window_event_listener(click, move |event| self.follow_link(&event));
    }

    pub(crate) fn route(self) -> ReadSignal<Route> {
        self.route.read_only()
    }

    /// The address that leads here, without its query.
    pub(crate) fn path(self) -> String {
        path()
    }

    /// Where the address says to go once somebody is signed in.
    pub(crate) fn next(self) -> String {
        let query = location().search().unwrap_or_default();
        let asked = query.trim_start_matches('?').split('&').find_map(|part| part.strip_prefix("next="));
        route::next(asked.unwrap_or_default()).to_owned()
    }

    /// Goes to an address of the app.
    pub(crate) fn go(self, address: &str) {
        // A browser that refuses leaves the tab where it is.
        if window().history().and_then(|history| history.push_state_with_url(&JsValue::NULL, "", Some(address))).is_ok()
        {
            window().scroll_to_with_x_and_y(0.0, 0.0);
            self.look();
        }
    }

    /// Goes to an address in the place of this one: the way back does not lead here again.
    pub(crate) fn replace(self, address: &str) {
        let history = window().history();
        if history.and_then(|history| history.replace_state_with_url(&JsValue::NULL, "", Some(address))).is_ok() {
            self.look();
        }
    }

    fn look(self) {
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

/// Whether a link leads to a part of the page that is open, which the browser goes to by itself.
fn is_within(link: &HtmlAnchorElement) -> bool {
    !link.hash().is_empty() && link.pathname() == path()
}

fn path() -> String {
    location().pathname().unwrap_or_default()
}
