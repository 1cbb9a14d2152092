//! The browser's local storage, by key. Nothing secret and nothing essential is kept there: storage may be forbidden or
//! full, and the app works without it.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

pub(in crate::state) fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

pub(in crate::state) fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // If storage is full or forbidden, the preference lasts until the page is closed.
        let _ = storage.set_item(key, value);
    }
}
