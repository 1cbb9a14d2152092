//! An import: the draft, its dry run on the server, and the import itself, which can be undone. Loaded with its dialog.

pub(crate) mod draft;
mod run;

use crate::api::Failure;
use crate::state::State;
use crate::state::shell::dialogs::ImportSource;
use draft::Draft;
use js_sys::Uint8Array;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;
use watchtape_shared::WatchlistId;
use watchtape_shared::transfer::{Imported, MAX_FILE_BYTES};
use web_sys::File;

/// The stage of an import.
#[derive(Clone, PartialEq)]
pub(crate) enum ImportStage {
    /// No draft yet.
    Empty,
    /// The server checks the draft.
    Checking,
    /// The outcome of the dry run.
    Checked(Imported),
    Failed(Failure),
    /// The file is larger than the server accepts.
    TooLarge,
    /// The browser could not read the file.
    Unreadable,
}

/// One import.
#[derive(Clone, Copy)]
pub(crate) struct Import {
    state: State,
    list: RwSignal<Option<WatchlistId>>,
    stage: RwSignal<ImportStage>,
    draft: StoredValue<Option<Draft>>,
    last_request: StoredValue<u32>,
}

impl Import {
    pub(crate) fn new(state: State) -> Self {
        let import = Self {
            state,
            list: RwSignal::new(state.open_list.id().get_untracked()),
            stage: RwSignal::new(ImportStage::Empty),
            draft: StoredValue::new(None),
            last_request: StoredValue::new(0),
        };
        match state.dialogs.take_source() {
            Some(ImportSource::Text(text)) => import.read(Draft::of_text(&text)),
            Some(ImportSource::File(file)) => import.read_file(file),
            None => {}
        }
        import
    }

    pub(crate) fn stage(self) -> ReadSignal<ImportStage> {
        self.stage.read_only()
    }

    /// The list that is imported into.
    pub(crate) fn list(self) -> Option<WatchlistId> {
        self.list.get()
    }

    /// Chooses another list.
    pub(crate) fn choose_list(self, id: &str) {
        if let Ok(id) = WatchlistId::parse(id) {
            self.list.set(Some(id));
            self.dry_run();
        }
    }

    pub(crate) fn read_text(self, text: &str) {
        if !text.trim().is_empty() {
            self.read(Draft::of_text(text));
        }
    }

    pub(crate) fn read_file(self, file: File) {
        if file.size() > MAX_FILE_BYTES as f64 {
            return self.stage.set(ImportStage::TooLarge);
        }
        self.stage.set(ImportStage::Checking);
        spawn_local(async move {
            match JsFuture::from(file.array_buffer()).await {
                // The server decodes it: here what is not UTF-8 would be replaced without a word.
                Ok(bytes) => self.read(Draft::of_file(&file.name(), Uint8Array::new(&bytes).to_vec())),
                Err(_) => drop(self.stage.try_set(ImportStage::Unreadable)),
            }
        });
    }

    /// Starts over.
    pub(crate) fn reset(self) {
        self.draft.set_value(None);
        self.stage.set(ImportStage::Empty);
    }

    fn read(self, draft: Draft) {
        if draft.content.len() > MAX_FILE_BYTES {
            drop(self.stage.try_set(ImportStage::TooLarge));
        } else if self.draft.try_set_value(Some(draft)).is_none() {
            self.dry_run();
        }
    }

    /// Starts a dry run.
    pub(crate) fn dry_run(self) {
        let (Some(draft), Some(id)) = (self.draft.get_value(), self.list.get_untracked()) else { return };
        self.last_request.update_value(|last_request| *last_request += 1);
        let request = self.last_request.get_value();
        self.stage.set(ImportStage::Checking);
        spawn_local(async move {
            let answer = self.state.api.import(&id, draft.format, draft.content.clone(), true).await;
            if self.last_request.try_get_value() != Some(request) {
                return;
            }
            self.stage.set(match answer {
                Ok(outcome) => ImportStage::Checked(draft.with_original_lines(outcome)),
                Err(failure) => ImportStage::Failed(failure),
            });
        });
    }

    /// Imports, closes the dialog, and offers to undo.
    pub(crate) fn confirm(self) {
        let (Some(draft), Some(id)) = (self.draft.get_value(), self.list.get_untracked()) else { return };
        let state = self.state;
        self.stage.set(ImportStage::Checking);
        spawn_local(async move {
            match run::run(state, &id, draft).await {
                Ok(added) => {
                    state.dialogs.close();
                    run::finish(state, id, added);
                }
                Err(failure) => drop(self.stage.try_set(ImportStage::Failed(failure))),
            }
        });
    }
}
