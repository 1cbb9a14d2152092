//! Reactive closures, boxed. The framework compiles its machinery for every type in a view, and every closure is a type
//! of its own; boxed there are four types, and the download is far smaller.
//!
//! Every effect and memo is made here, because the framework (reactive_graph 0.2) has those that are dropped stay in the
//! sets of subscribers of whatever they have read: a signal forgets them when it changes, a memo never. A table that is
//! scrolled makes and drops thousands of them, and what they read lives as long as the page. Here each ends its
//! subscriptions when its owner is cleaned up (docs/adr/0031).

use leptos::prelude::*;
use leptos::reactive::graph::{Observer, Subscriber};

/// A closure that returns one type.
pub(crate) type Reactive<T> = Box<dyn FnMut() -> T + Send>;

/// Text, as a child or as an attribute.
pub(crate) fn text<T: Into<String>>(mut read: impl FnMut() -> T + Send + 'static) -> Reactive<String> {
    Box::new(move || {
        unsubscribe_on_cleanup();
        read().into()
    })
}

/// An optional attribute.
pub(crate) fn attribute<T: Into<String>>(
    mut read: impl FnMut() -> Option<T> + Send + 'static,
) -> Reactive<Option<String>> {
    Box::new(move || {
        unsubscribe_on_cleanup();
        read().map(Into::into)
    })
}

/// A class or a boolean attribute.
pub(crate) fn flag(mut read: impl FnMut() -> bool + Send + 'static) -> Reactive<bool> {
    Box::new(move || {
        unsubscribe_on_cleanup();
        read()
    })
}

/// A dynamic view.
pub(crate) fn dynamic(mut read: impl FnMut() -> AnyView + Send + 'static) -> Reactive<AnyView> {
    Box::new(move || {
        unsubscribe_on_cleanup();
        read()
    })
}

/// Runs now, and again whenever what it reads changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    Effect::new(move |_| {
        unsubscribe_on_cleanup();
        run();
    });
}

/// A value that is computed anew when what it reads has changed, and tells others only if it differs. It is given the
/// value before.
pub(crate) fn memo<T: PartialEq + Send + Sync + 'static>(
    read: impl Fn(Option<&T>) -> T + Send + Sync + 'static,
) -> Memo<T> {
    #[expect(clippy::disallowed_methods, reason = "the one place")]
    Memo::new(move |before| {
        unsubscribe_on_cleanup();
        read(before)
    })
}

/// Ends the subscriptions of the running effect or memo when its owner is cleaned up: before it runs again, which
/// subscribes anew, and before it is dropped.
pub(crate) fn unsubscribe_on_cleanup() {
    if let Some(running) = Observer::get() {
        on_cleanup(move || running.clear_sources(&running));
    }
}
