//! Closures that views follow, each behind a pointer. The framework compiles its machinery anew for every type that
//! stands in a view, and every closure is a type of its own; behind a pointer they are four, and the app that has to
//! be downloaded is far smaller.

use leptos::prelude::{AnyView, Effect};

/// A closure that returns one type.
pub(crate) type Reactive<T> = Box<dyn FnMut() -> T + Send>;

/// Text, as a child or as an attribute.
pub(crate) fn text<T: Into<String>>(mut read: impl FnMut() -> T + Send + 'static) -> Reactive<String> {
    Box::new(move || read().into())
}

/// An attribute that is not always there.
pub(crate) fn attribute<T: Into<String>>(
    mut read: impl FnMut() -> Option<T> + Send + 'static,
) -> Reactive<Option<String>> {
    Box::new(move || read().map(Into::into))
}

/// A class or an attribute that is there or not.
pub(crate) fn flag(read: impl FnMut() -> bool + Send + 'static) -> Reactive<bool> {
    Box::new(read)
}

/// A part of the page.
pub(crate) fn dynamic(read: impl FnMut() -> AnyView + Send + 'static) -> Reactive<AnyView> {
    Box::new(read)
}

/// Does something now, and again whenever what it reads changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| run());
}
