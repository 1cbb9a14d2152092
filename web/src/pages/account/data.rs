//! Export of the account's data, and its deletion.

use super::deletion::Deletion;
use super::panel::Panel;
use crate::components::controls::form::{Form, Submission};
use crate::state::state;
use crate::texts::account;
use js_sys::Array;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Everything as a file, and deleting it.
#[component]
pub(super) fn Data() -> impl IntoView {
    let state = state();
    let submission = Submission::new();
    let export = move |()| {
        submission.begin(async move {
            let document = state.api.export_me().await?;
            // A browser that makes no files shows none; there is nothing to say about it that it does not say itself.
            let _ = save(&document);
            state.toasts.show(account::exported());
            Ok(())
        });
    };
    view! {
        <Panel title=account::export() about=account::export_about()>
            <Form submission action=(account::download(), account::downloading()) class="button" on_submit=export>
                ""
            </Form>
        </Panel>
        <Deletion />
    }
}

/// Hands a text to the browser as a file to be kept.
fn save(document: &str) -> Result<(), JsValue> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&JsValue::from_str(document)), &kind)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = leptos::prelude::document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download("watchtape.json");
    link.click();
    Url::revoke_object_url(&url)
}
