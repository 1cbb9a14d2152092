//! Downloads the open list as a file. It is fetched with the access token, which a plain link could not send.

use crate::state::State;
use crate::texts;
use js_sys::Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use watchtape_shared::transfer::Format;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// When the object URL is revoked: the browser reads the file shortly after the click.
const READ: Duration = Duration::from_secs(30);

/// Downloads the open list.
pub(crate) fn save(state: State, format: Format) {
    let Some(id) = state.open_list.id().get_untracked() else {
        return state.toasts.show(texts::transfer::no_list());
    };
    let name = untrack(|| state.lists.name(&id)).map_or_else(String::new, |name| name.to_string());
    spawn_local(async move {
        let file = file_name(&name, format.as_str());
        match state.api.export(&id, format).await {
            Ok(content) if offer(&file, format.media_type(), &content).is_ok() => {
                state.toasts.show(texts::transfer::exported(&file));
            }
            Ok(_) => state.toasts.show(texts::transfer::not_exported(&file)),
            Err(failure) => state.toasts.fail(&texts::transfer::not_exported(&file), &failure),
        }
    });
}

fn offer(file: &str, media_type: &str, content: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type(media_type);
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&content.into()), &kind)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(file);
    link.click();
    set_timeout(move || drop(Url::revoke_object_url(&address)), READ);
    Ok(())
}

/// A name that is valid on every file system.
fn file_name(name: &str, ending: &str) -> String {
    let mut file: String = name
        .chars()
        .map(|letter| if r#"\/:*?"<>|"#.contains(letter) || letter.is_control() { '-' } else { letter })
        .collect();
    file.push('.');
    file.push_str(ending);
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_file_is_called_like_its_list() {
        assert_eq!(file_name("Watchlist", "csv"), "Watchlist.csv");
        assert_eq!(file_name("Gold / Öl?", "txt"), "Gold - Öl-.txt");
    }
}
