//! The app's routes, and the addresses that lead to them.

use watchtape_shared::{Symbol, WatchlistId};

pub(crate) const HOME: &str = "/";
pub(crate) const LOGIN: &str = "/login";
pub(crate) const REGISTER: &str = "/register";
pub(crate) const RESET: &str = "/reset";
pub(crate) const ACCOUNT: &str = "/account";
pub(crate) const ALERTS: &str = "/alerts";
pub(crate) const CONFIRM_DESTINATION: &str = "/confirm-destination";

/// The page of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    List(WatchlistId),
    Security(Symbol),
    Account,
    Alerts,
    ConfirmDestination,
    Login,
    Register,
    Reset,
    Missing,
}

impl Route {
    /// Reads a path.
    pub(crate) fn of(path: &str) -> Self {
        match path {
            HOME => Self::Home,
            LOGIN => Self::Login,
            REGISTER => Self::Register,
            RESET => Self::Reset,
            ACCOUNT => Self::Account,
            ALERTS => Self::Alerts,
            CONFIRM_DESTINATION => Self::ConfirmDestination,
            _ => Self::of_one(path).unwrap_or(Self::Missing),
        }
    }

    fn of_one(path: &str) -> Option<Self> {
        match path.strip_prefix('/')?.split_once('/')? {
            ("lists", id) => WatchlistId::parse(id).ok().map(Self::List),
            ("securities", symbol) => Symbol::parse(symbol).ok().map(Self::Security),
            _ => None,
        }
    }
}

/// The address of one list.
pub(crate) fn list(id: &WatchlistId) -> String {
    format!("/lists/{id}")
}

/// The address of one security.
pub(crate) fn security(symbol: Symbol) -> String {
    format!("/securities/{symbol}")
}

/// A sign-in page that leads back to where somebody was going.
pub(crate) fn with_next(page: &str, path: &str) -> String {
    match next(path) {
        HOME => page.into(),
        path => format!("{page}?next={path}"),
    }
}

/// Where to go after signing in: a page of this app, never another server's.
pub(crate) fn next(asked: &str) -> &str {
    match Route::of(asked) {
        Route::List(_) | Route::Security(_) | Route::Account | Route::Alerts => asked,
        Route::Home | Route::ConfirmDestination | Route::Login | Route::Register | Route::Reset | Route::Missing => {
            HOME
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const LIST: &str = "/lists/wl_01kaq2f8s5e8rvm0r2j5c4n6xt";

    #[wasm_bindgen_test]
    fn an_address_is_what_its_page_is_linked_by() {
        let id = WatchlistId::parse("wl_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id");
        let symbol = Symbol::parse("BRK.B").expect("a symbol");
        assert_eq!(Route::of(&list(&id)), Route::List(id));
        assert_eq!(Route::of(&security(symbol)), Route::Security(symbol));
        assert_eq!(Route::of("/account"), Route::Account);
        assert_eq!(Route::of("/alerts"), Route::Alerts);
        assert_eq!(Route::of("/confirm-destination"), Route::ConfirmDestination);
        for path in ["/lists", "/lists/", "/lists/7", "/lists/wl_1/x", "/securities/", "/securities/a b", "/nothing"] {
            assert_eq!(Route::of(path), Route::Missing, "{path:?}");
        }
    }

    #[wasm_bindgen_test]
    fn signing_in_leads_back_into_the_app_only() {
        for path in [LIST, "/account", "/alerts", "/securities/AAPL"] {
            assert_eq!(next(path), path);
        }
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a?b",
            "javascript:1",
            "/login",
            "/reset",
            "/confirm-destination",
        ] {
            assert_eq!(next(path), HOME, "{path:?}");
        }
        assert_eq!(with_next(LOGIN, "/"), "/login");
        assert_eq!(with_next(LOGIN, LIST), format!("/login?next={LIST}"));
    }
}
