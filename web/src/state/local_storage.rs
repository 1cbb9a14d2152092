//! What this browser remembers between visits, by key. Nothing secret and nothing that matters: storage may be
//! forbidden or full, and the app works without it.

use web_sys::Storage;

fn storage() -> Option<Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}

pub(in crate::state) fn read(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

pub(in crate::state) fn write(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // A full or forbidden storage forgets the preference, no more.
        let _ = storage.set_item(key, value);
    }
}
