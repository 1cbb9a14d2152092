//! The name of a device: browser and system, from its `User-Agent` header. Unknown ones are shown as they are; the
//! header is a hint and proves nothing.

use crate::texts::account;

/// Browsers by their tokens; the specific ones come before those that they claim compatibility with.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Whether it is a phone or a tablet.
pub(crate) fn is_handheld(user_agent: &str) -> bool {
    ["iPhone", "iPad", "Android"].iter().any(|name| user_agent.contains(name))
}

/// `Firefox on Linux`; for another client the first word of the header.
pub(crate) fn name(user_agent: Option<&str>) -> String {
    let Some(said) = user_agent.map(str::trim).filter(|said| !said.is_empty()) else {
        return account::unknown_device().into();
    };
    let found =
        |names: &[(&str, &'static str)]| names.iter().find(|(sign, _)| said.contains(sign)).map(|(_, name)| *name);
    match (found(BROWSERS), found(SYSTEMS)) {
        (Some(browser), Some(system)) => account::browser_on(&browser, &system),
        (Some(name), None) => name.into(),
        _ => said.split(['/', ' ']).next().unwrap_or(said).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn browsers_are_told_apart_though_they_all_claim_to_be_others() {
        let table = [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
                "Safari on macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            ("curl/8.5.0", "curl"),
            ("python-requests/2.32", "python-requests"),
        ];
        for (said, name_) in table {
            assert_eq!(name(Some(said)), name_, "{said}");
        }
        assert_eq!(name(None), name(Some(" ")));
    }
}
