//! Event listeners on the window in the capture phase, for as long as a component lives.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::Event;

/// Listens until it is dropped.
pub(crate) struct Listener {
    kind: &'static str,
    run: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Adds the listener; `None` if the browser refuses.
    pub(crate) fn new(kind: &'static str, run: impl FnMut(Event) + 'static) -> Option<Self> {
        let run = Closure::new(Box::new(run) as Box<dyn FnMut(Event)>);
        let function = run.as_ref().unchecked_ref();
        window().add_event_listener_with_callback_and_bool(kind, function, true).ok()?;
        Some(Self { kind, run })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let function = self.run.as_ref().unchecked_ref();
        // Removing a listener twice is harmless.
        let _ = window().remove_event_listener_with_callback_and_bool(self.kind, function, true);
    }
}

/// Listens in the capture phase until the component is disposed.
pub(crate) fn capture(kind: &'static str, run: impl FnMut(Event) + 'static) {
    // The value is dropped with its owner.
    StoredValue::new_local(Listener::new(kind, run));
}
