//! The clock that counts from the page's start: nobody sets it. While the device sleeps it may stand still.

/// Milliseconds since the page's start.
pub(crate) fn now_ms() -> f64 {
    // Every browser with WebAssembly has it.
    web_sys::window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}
