//! The browser's local storage, by key. Nothing secret and nothing essential is kept there: storage may be forbidden or
//! full, and the app works without it.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

/// Whether what is written is kept.
pub(crate) fn is_kept() -> bool {
    const KEY: &str = "watchtape.probe";
    let kept = storage().is_some_and(|storage| storage.set_item(KEY, "").is_ok());
    if let Some(storage) = storage().filter(|_| kept) {
        let _ = storage.remove_item(KEY);
    }
    kept
}

pub(in crate::state) fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Removes what is stored under keys that begin so.
pub(in crate::state) fn remove(beginning: &str) {
    let Some(storage) = storage() else { return };
    let keys: Vec<String> =
        (0..storage.length().unwrap_or(0)).filter_map(|at| storage.key(at).ok().flatten()).collect();
    for key in keys.iter().filter(|key| key.starts_with(beginning)) {
        let _ = storage.remove_item(key);
    }
}

pub(in crate::state) fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // If storage is full or forbidden, the preference lasts until the page is closed.
        let _ = storage.set_item(key, value);
    }
}
