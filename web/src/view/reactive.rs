//! Reactive closures, boxed. The framework compiles its machinery for every type in a view, and every closure is a type
//! of its own; boxed there are four types, and the download is far smaller.

use leptos::prelude::{AnyView, Effect};

/// A closure that returns one type.
pub(crate) type Reactive<T> = Box<dyn FnMut() -> T + Send>;

/// Text, as a child or as an attribute.
pub(crate) fn text<T: Into<String>>(mut read: impl FnMut() -> T + Send + 'static) -> Reactive<String> {
    Box::new(move || read().into())
}

/// An optional attribute.
pub(crate) fn attribute<T: Into<String>>(
    mut read: impl FnMut() -> Option<T> + Send + 'static,
) -> Reactive<Option<String>> {
    Box::new(move || read().map(Into::into))
}

/// A class or a boolean attribute.
pub(crate) fn flag(read: impl FnMut() -> bool + Send + 'static) -> Reactive<bool> {
    Box::new(read)
}

/// A dynamic view.
pub(crate) fn dynamic(read: impl FnMut() -> AnyView + Send + 'static) -> Reactive<AnyView> {
    Box::new(read)
}

/// Runs now, and again whenever what it reads changes.
pub(crate) fn effect(run: impl FnMut() + 'static) {
    let mut run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(move |_| run());
}
