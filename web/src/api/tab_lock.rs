//! A lock among the tabs of this browser. They share the refresh cookie, and each use replaces it: a second use of the
//! same one would count as token theft.
//!
//! The Web Locks API is called by name, since its bindings are still unstable. Browsers offer it in secure contexts
//! only, and some refuse it where storage is forbidden; there the work runs without a lock.

use js_sys::{Function, Promise, Reflect};
use std::cell::Cell;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// Runs the work while no other tab holds the lock of this name.
pub(super) async fn with_lock(name: &str, work: impl Future<Output = ()> + 'static) {
    let Some((manager, request)) = lock_manager() else { return work.await };
    // Whoever comes first does it: the holder of the lock, or this function where there is none to be had.
    let work = Rc::new(Cell::new(Some(work)));
    let locked = Rc::clone(&work);
    let callback = Closure::once_into_js(move |_lock: JsValue| {
        future_to_promise(async move {
            if let Some(work) = locked.take() {
                work.await;
            }
            Ok(JsValue::UNDEFINED)
        })
    });
    if let Ok(held) = request.call2(&manager, &name.into(), &callback) {
        // The lock is released when the promise settles; the work reports its own result.
        let _ = JsFuture::from(held.unchecked_into::<Promise>()).await;
    }
    if let Some(work) = work.take() {
        work.await;
    }
}

fn lock_manager() -> Option<(JsValue, Function)> {
    let navigator = web_sys::window()?.navigator();
    let manager = Reflect::get(&navigator, &"locks".into()).ok().filter(JsValue::is_object)?;
    let request = Reflect::get(&manager, &"request".into()).ok()?.dyn_into().ok()?;
    Some((manager, request))
}
