//! One tab of this browser at a time. Tabs share the refresh cookie, and each use of it replaces it: two that used the
//! same one would look like a thief and its victim.
//!
//! The Web Locks API is reached by name, since its bindings are still marked unstable. Browsers offer it to secure
//! contexts only; without it the work is done at once.

use js_sys::{Function, Promise, Reflect};
use std::future::Future;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Does the work while no other tab does work under the same name.
pub(super) async fn with_lock(name: &str, work: impl Future<Output = ()> + 'static) {
    let Some((manager, request)) = lock_manager() else { return work.await };
    let callback = Closure::once_into_js(move |_lock: JsValue| {
        future_to_promise(async move {
            work.await;
            Ok(JsValue::UNDEFINED)
        })
    });
    if let Ok(held) = request.call2(&manager, &name.into(), &callback) {
        // The lock is let go when the promise of the work settles; whether it did what it should, it says itself.
        let _ = JsFuture::from(held.unchecked_into::<Promise>()).await;
    }
}

fn lock_manager() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request = Reflect::get(&manager, &"request".into()).ok()?.dyn_into().ok()?;
    Some((manager, request))
}
