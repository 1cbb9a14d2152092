//! Views that are in another file of the app and are loaded when they are first shown.

use leptos::prelude::AnyView;
use leptos::wasm_split::SplitLoaderError;
use std::pin::Pin;

/// Makes the view; an error where its file could not be loaded.
pub(crate) type LoadedView = Result<fn() -> AnyView, SplitLoaderError>;

/// Loads the view's file, unless it is there already.
pub(crate) type LoadView = fn() -> Pin<Box<dyn Future<Output = LoadedView>>>;
