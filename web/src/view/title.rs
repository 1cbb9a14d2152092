//! The title of the browser's tab and the badge of the app's icon: what the page is called, and how many alerts nobody has
//! seen yet.
//!
//! The Badging API is there in installed apps of some browsers; elsewhere the title is all.

use js_sys::{Function, Reflect};
use leptos::prelude::{document, window};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue};

thread_local! {
    static TITLE: RefCell<(String, usize)> = const { RefCell::new((String::new(), 0)) };
}

/// Sets what the page is called.
pub(crate) fn set(name: &str) {
    TITLE.with_borrow_mut(|title| name.clone_into(&mut title.0));
    show();
}

/// Sets how many alerts are unseen.
pub(crate) fn set_unseen(count: usize) {
    let was = TITLE.with_borrow_mut(|title| std::mem::replace(&mut title.1, count));
    if was != count {
        show();
        set_badge(count);
    }
}

fn show() {
    document().set_title(&TITLE.with_borrow(|(name, unseen)| with_count(name, *unseen)));
}

/// `(2) AAPL – Watchtape`
fn with_count(name: &str, unseen: usize) -> String {
    if unseen == 0 { name.to_owned() } else { format!("({unseen}) {name}") }
}

fn set_badge(count: usize) {
    let navigator = window().navigator();
    let name = if count == 0 { "clearAppBadge" } else { "setAppBadge" };
    let Some(method) =
        Reflect::get(&navigator, &name.into()).ok().and_then(|method| method.dyn_into::<Function>().ok())
    else {
        return;
    };
    let answer = match count {
        0 => method.call0(&navigator),
        count => method.call1(&navigator, &(count as f64).into()),
    };
    // A browser may refuse, as where the app is not installed: the title says the same.
    if let Some(promise) = answer.ok().and_then(|answer| answer.dyn_into::<js_sys::Promise>().ok()) {
        wasm_bindgen_futures::spawn_local(async move {
            let _: Result<JsValue, JsValue> = wasm_bindgen_futures::JsFuture::from(promise).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn the_count_stands_before_the_name() {
        assert_eq!(with_count("Tech – Watchtape", 0), "Tech – Watchtape");
        assert_eq!(with_count("Tech – Watchtape", 12), "(12) Tech – Watchtape");
    }
}
