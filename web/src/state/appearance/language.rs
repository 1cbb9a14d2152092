//! The language of the app, chosen in this browser.

use crate::state::local_storage;
use leptos::prelude::location;

const KEY: &str = "watchtape.language";

/// The language that was chosen, or else the browser's own, by its first two letters; none for English.
pub(crate) fn chosen() -> Option<String> {
    let asked = local_storage::read(KEY).or_else(|| web_sys::window()?.navigator().language())?;
    let language = asked.split('-').next().unwrap_or_default().to_ascii_lowercase();
    (language != "en" && language.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(language)
}

/// Stores a language and reloads the page in it.
pub(crate) fn choose(language: &str) {
    local_storage::write(KEY, language);
    // A page that cannot be loaded again is in it the next time.
    let _ = location().reload();
}
