//! An import: what would become of a file, then what became of it, and the way back. Loaded with its dialog.

pub(crate) mod draft;

use crate::api::Failure;
use crate::state::State;
use crate::state::shell::dialogs::ImportSource;
use crate::state::undo_stack::Direction;
use crate::texts;
use draft::Draft;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use wasm_bindgen_futures::JsFuture;
use watchtape_shared::transfer::{Imported, MAX_FILE_BYTES};
use watchtape_shared::{Symbol, WatchlistId};
use web_sys::File;

/// How far the import is.
#[derive(Clone, PartialEq)]
pub(crate) enum ImportStage {
    /// There is nothing to import yet.
    Empty,
    /// The server is asked.
    Asking,
    /// What would become of it, and the symbols that would be added where they are known.
    Known(Imported, Option<Vec<String>>),
    Failed(Failure),
    /// The file is larger than the server takes.
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
    asked: StoredValue<u32>,
}

impl Import {
    pub(crate) fn new(state: State) -> Self {
        let import = Self {
            state,
            list: RwSignal::new(state.open_list.id().get_untracked()),
            stage: RwSignal::new(ImportStage::Empty),
            draft: StoredValue::new(None),
            asked: StoredValue::new(0),
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

    /// The list that it goes to.
    pub(crate) fn list(self) -> Option<WatchlistId> {
        self.list.get()
    }

    /// Chooses another list.
    pub(crate) fn choose_list(self, id: &str) {
        if let Ok(id) = WatchlistId::parse(id) {
            self.list.set(Some(id));
            self.ask();
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
        self.stage.set(ImportStage::Asking);
        spawn_local(async move {
            match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
                Some(text) => self.read(Draft::of_file(&file.name(), text)),
                None => drop(self.stage.try_set(ImportStage::Unreadable)),
            }
        });
    }

    /// Begins anew.
    pub(crate) fn forget(self) {
        self.draft.set_value(None);
        self.stage.set(ImportStage::Empty);
    }

    fn read(self, draft: Draft) {
        if draft.content.len() > MAX_FILE_BYTES {
            drop(self.stage.try_set(ImportStage::TooLarge));
        } else if self.draft.try_set_value(Some(draft)).is_none() {
            self.ask();
        }
    }

    /// Asks what would become of it.
    pub(crate) fn ask(self) {
        let (Some(draft), Some(id)) = (self.draft.get_value(), self.list.get_untracked()) else { return };
        self.asked.update_value(|asked| *asked += 1);
        let question = self.asked.get_value();
        self.stage.set(ImportStage::Asking);
        spawn_local(async move {
            let answer = self.state.api.import(&id, draft.format, draft.content.clone(), true).await;
            if self.asked.try_get_value() != Some(question) {
                return;
            }
            self.stage.set(match answer {
                Ok(outcome) => {
                    let accepted = draft.accepted(&outcome);
                    ImportStage::Known(draft.as_it_stood(outcome), accepted)
                }
                Err(failure) => ImportStage::Failed(failure),
            });
        });
    }

    /// Does it, closes the dialog, and offers the way back.
    pub(crate) fn confirm(self) {
        let (Some(draft), Some(id)) = (self.draft.get_value(), self.list.get_untracked()) else { return };
        let state = self.state;
        self.stage.set(ImportStage::Asking);
        spawn_local(async move {
            match bring_in(state, &id, draft).await {
                Ok(added) => {
                    state.dialogs.close();
                    finish(state, id, added);
                }
                Err(failure) => drop(self.stage.try_set(ImportStage::Failed(failure))),
            }
        });
    }
}

/// Imports, and answers which symbols came with it: the server says only how many.
async fn bring_in(state: State, id: &WatchlistId, draft: Draft) -> Result<Vec<Symbol>, Failure> {
    let before = symbols(state, id).await?;
    state.api.import(id, draft.format, draft.content, false).await?;
    let mut after = symbols(state, id).await?;
    after.retain(|symbol| !before.contains(symbol));
    Ok(after)
}

async fn symbols(state: State, id: &WatchlistId) -> Result<Vec<Symbol>, Failure> {
    let list = state.api.get_watchlist(id).await?;
    Ok(list.items.into_iter().map(|item| item.symbol).collect())
}

fn finish(state: State, id: WatchlistId, added: Vec<Symbol>) {
    refresh(state, &id);
    let name = untrack(|| state.lists.name(&id)).map_or_else(String::new, |name| name.to_string());
    let said = match added.len() {
        1 => texts::transfer::imported_one(&name),
        count => texts::transfer::imported(&count, &name),
    };
    let list = Some(id.clone());
    let entry =
        state.undo_stack.remember(Direction::Do, list, Arc::new(move |_| take_back(state, id.clone(), added.clone())));
    state.toasts.show_change(state.undo_stack, Direction::Do, entry, said, true);
}

/// Removes what was added, one after the other.
fn take_back(state: State, id: WatchlistId, added: Vec<Symbol>) {
    spawn_local(async move {
        let mut outcome = Ok(());
        for symbol in added {
            outcome = state.api.remove_item(&id, symbol).await.map(drop);
            // Who was faster did what is wished here.
            if outcome.as_ref().is_err_and(|failure| failure.status() != Some(404)) {
                break;
            }
            outcome = Ok(());
        }
        refresh(state, &id);
        match outcome {
            Ok(()) => state.toasts.show(texts::transfer::taken_back()),
            Err(failure) => state.toasts.fail(texts::transfer::not_taken_back(), &failure),
        }
    });
}

/// The stream says it too, where there is one.
fn refresh(state: State, id: &WatchlistId) {
    state.lists.load();
    if state.open_list.id().with_untracked(|open| open.as_ref() == Some(id)) {
        state.open_list.open(id.clone());
    }
}
