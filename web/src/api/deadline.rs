//! The deadline of one request: aborts it when its time has passed. By a timer of its own, since browsers have had
//! `AbortSignal.timeout` for less long than everything else that the app needs.

use leptos::prelude::{TimeoutHandle, set_timeout_with_handle};
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;
use web_sys::{AbortController, AbortSignal};

/// A deadline that runs. Dropping it lets the request be.
pub(super) struct Deadline {
    signal: AbortSignal,
    timer: Option<TimeoutHandle>,
    has_passed: Rc<Cell<bool>>,
}

impl Deadline {
    /// Begins now.
    pub(super) fn start(time: Duration) -> Result<Self, JsValue> {
        let controller = AbortController::new()?;
        let (signal, has_passed) = (controller.signal(), Rc::new(Cell::new(false)));
        let passed = Rc::clone(&has_passed);
        let abort = move || {
            passed.set(true);
            controller.abort();
        };
        Ok(Self { signal, timer: set_timeout_with_handle(abort, time).ok(), has_passed })
    }

    /// For the request.
    pub(super) fn signal(&self) -> &AbortSignal {
        &self.signal
    }

    /// Whether its time has passed.
    pub(super) fn has_passed(&self) -> bool {
        self.has_passed.get()
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.clear();
        }
    }
}
