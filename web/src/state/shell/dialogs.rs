//! The dialogs over the page, import and shortcuts, and starting the export.

use crate::api::Failure;
use crate::state::State;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::transfer::Format;
use web_sys::File;

/// A dialog that is loaded when it is first opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DialogKind {
    Alert,
    Import,
    Shortcuts,
}

/// What the import dialog opens with.
#[derive(Clone)]
pub(crate) enum ImportSource {
    Text(String),
    File(File),
}

/// The dialog that is open, and what it was opened with.
#[derive(Clone, Copy)]
pub(crate) struct Dialogs {
    open: RwSignal<Option<DialogKind>>,
    source: StoredValue<Option<ImportSource>, LocalStorage>,
}

impl Dialogs {
    pub(in crate::state) fn new() -> Self {
        Self { open: RwSignal::new(None), source: StoredValue::new_local(None) }
    }

    pub(crate) fn open_dialog(self) -> Option<DialogKind> {
        self.open.get()
    }

    pub(crate) fn open(self, kind: DialogKind) {
        self.open.set(Some(kind));
    }

    /// Opens the import dialog with a text or a file.
    pub(crate) fn import(self, source: ImportSource) {
        self.source.set_value(Some(source));
        self.open(DialogKind::Import);
    }

    pub(crate) fn close(self) {
        self.open.set(None);
    }

    pub(in crate::state) fn forget(self) {
        let Self { open, source } = self;
        source.set_value(None);
        open.set(None);
    }

    /// What the import was opened with.
    pub(crate) fn take_source(self) -> Option<ImportSource> {
        self.source.try_update_value(Option::take).flatten()
    }
}

impl State {
    /// Downloads the open list as a file.
    pub(crate) fn export(self, format: Format) {
        spawn_local(async move {
            if (self.lazy.export)(self, format).await.is_err() {
                self.toasts.fail(texts::page::load_failed(), &Failure::Unreachable);
            }
        });
    }
}
