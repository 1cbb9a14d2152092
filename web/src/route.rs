//! The app's addresses, and the ways between them. The table that matches them is in `app.rs`.

use watchtape_shared::WatchlistId;

pub(crate) const HOME: &str = "/";
pub(crate) const LOGIN: &str = "/login";
pub(crate) const REGISTER: &str = "/register";
pub(crate) const RESET: &str = "/reset";

/// The address of one list.
pub(crate) fn list(id: &WatchlistId) -> String {
    format!("/lists/{id}")
}

/// A sign-in page that leads back to where somebody was going.
pub(crate) fn with_next(page: &str, path: &str) -> String {
    match next(path) {
        HOME => page.into(),
        path => format!("{page}?next={path}"),
    }
}

/// Where to go after signing in: a path of this app, never another server's page.
pub(crate) fn next(asked: &str) -> &str {
    let safe = asked.starts_with('/')
        && asked.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-'))
        && !asked.starts_with("//")
        && !matches!(asked, LOGIN | REGISTER | RESET);
    if safe { asked } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn signing_in_leads_back_into_the_app_only() {
        assert_eq!(next("/lists/wl_01kaq2f8s5e8rvm0r2j5c4n6xt"), "/lists/wl_01kaq2f8s5e8rvm0r2j5c4n6xt");
        for path in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a?b",
            "javascript:1",
            "/login",
            "/reset",
        ] {
            assert_eq!(next(path), HOME, "{path:?}");
        }
        assert_eq!(with_next(LOGIN, "/"), "/login");
        assert_eq!(with_next(LOGIN, "/lists/wl_1"), "/login?next=/lists/wl_1");
    }
}
