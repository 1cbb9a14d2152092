//! Push messages of this browser: whether it can have them, the permission, and the subscription (RFC 8030, Push API).
//!
//! Called by name: few browsers have all of it, and none of it is there without HTTPS.

use js_sys::{Function, Object, Promise, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Why there is no subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushError {
    /// The browser does not know push messages, or the page may not have them.
    Unsupported,
    /// The person, or the browser for them, has said no.
    Denied,
    /// The browser's push service did not answer.
    Failed,
}

/// What a push service and its messages are reached and encrypted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subscription {
    pub(crate) endpoint: String,
    /// In base64url.
    pub(crate) p256dh: String,
    pub(crate) auth: String,
}

/// Whether this browser can have push messages here.
pub(crate) fn is_supported() -> bool {
    let has = |name: &str| Reflect::has(&window(), &name.into()) == Ok(true);
    has("PushManager") && has("Notification") && container().is_some()
}

/// Asks for the permission. Only a click may do that, before anything is awaited.
pub(crate) async fn ask_permission() -> Result<(), PushError> {
    let notification = get(&window(), "Notification").ok_or(PushError::Unsupported)?;
    let answer = call(&notification, "requestPermission", &[]).await.ok_or(PushError::Unsupported)?;
    if answer.as_string().as_deref() == Some("granted") { Ok(()) } else { Err(PushError::Denied) }
}

/// Subscribes this browser with the server's key, in base64url. An older subscription with another key is replaced.
pub(crate) async fn subscribe(public_key: &str) -> Result<Subscription, PushError> {
    let key = decoded(public_key).ok_or(PushError::Failed)?;
    let container = container().ok_or(PushError::Unsupported)?;
    let ready: Promise = get(&container, "ready").ok_or(PushError::Unsupported)?.unchecked_into();
    let registration = JsFuture::from(ready).await.map_err(|_| PushError::Unsupported)?;
    let manager = get(&registration, "pushManager").ok_or(PushError::Unsupported)?;
    let options = Object::new();
    // A plain object takes every property.
    let _ = Reflect::set(&options, &"userVisibleOnly".into(), &true.into());
    let _ = Reflect::set(&options, &"applicationServerKey".into(), &Uint8Array::from(key.as_slice()));
    let arguments = [options.into()];
    let subscription = match call(&manager, "subscribe", &arguments).await {
        Some(subscription) => subscription,
        None => {
            // The browser refuses another key while there is a subscription: the server's may have been replaced.
            let former = call(&manager, "getSubscription", &[]).await.filter(JsValue::is_object);
            let former = former.ok_or(PushError::Failed)?;
            call(&former, "unsubscribe", &[]).await.ok_or(PushError::Failed)?;
            call(&manager, "subscribe", &arguments).await.ok_or(PushError::Failed)?
        }
    };
    read(&subscription).ok_or(PushError::Failed)
}

fn read(subscription: &JsValue) -> Option<Subscription> {
    let to_json: Function = get(subscription, "toJSON")?.dyn_into().ok()?;
    let json = to_json.call0(subscription).ok()?;
    let keys = get(&json, "keys")?;
    let text = |of: &JsValue, name| get(of, name)?.as_string();
    Some(Subscription {
        endpoint: text(&json, "endpoint")?,
        p256dh: text(&keys, "p256dh")?,
        auth: text(&keys, "auth")?,
    })
}

fn container() -> Option<JsValue> {
    get(&window().navigator(), "serviceWorker")
}

fn get(of: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(of, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

/// Calls a method that returns a promise; nothing where it throws or rejects.
async fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = get(of, name)?.dyn_into().ok()?;
    let answer = Reflect::apply(&method, of, &arguments.iter().collect()).ok()?;
    JsFuture::from(Promise::resolve(&answer)).await.ok()
}

/// The bytes of a text in base64url.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let standard = text.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let binary = window().atob(&standard).ok()?;
    binary.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect()
}
