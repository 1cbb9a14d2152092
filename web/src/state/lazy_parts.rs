//! What components and actions load when it is first needed: views and the export, each in another file of the app
//! (`chunks.rs`). The table is handed in at start, because those views import this module.

use super::State;
use crate::view::lazy::LoadView;
use leptos::wasm_split::SplitLoaderError;
use std::pin::Pin;
use watchtape_shared::transfer::Format;

/// Loads the export, and runs it.
pub(crate) type Export = fn(State, Format) -> Pin<Box<dyn Future<Output = Result<(), SplitLoaderError>>>>;

/// What is loaded when it is first needed.
pub(crate) struct LazyParts {
    pub(crate) alert_form: LoadView,
    pub(crate) palette_results: LoadView,
    pub(crate) shortcuts: LoadView,
    pub(crate) import: LoadView,
    pub(crate) list_tools: LoadView,
    pub(crate) tab_name: LoadView,
    pub(crate) view_panel: LoadView,
    pub(crate) price_card: LoadView,
    pub(crate) account_panel: LoadView,
    pub(crate) export: Export,
}
