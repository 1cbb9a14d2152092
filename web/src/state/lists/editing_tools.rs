//! What the tools of the list are asked for: dialogs, the bar of chosen rows, and moving by hand. They are a part of the
//! app that is loaded when somebody first points at the list.

use leptos::prelude::*;
use watchtape_shared::text::ListName;
use watchtape_shared::{Symbol, WatchlistId};

/// What the dialog of the lists is open for.
#[derive(Clone, PartialEq)]
pub(crate) enum ListTask {
    Create,
    Rename(WatchlistId, ListName),
    Duplicate(WatchlistId, ListName),
    Delete(WatchlistId, ListName),
}

/// What is asked for.
#[derive(Clone, Copy)]
pub(crate) struct EditingTools {
    wanted: RwSignal<bool>,
    /// The work of the dialog of the lists.
    pub(crate) task: RwSignal<Option<ListTask>>,
    /// The items whose note, flag and section are being edited.
    pub(crate) edited: RwSignal<Vec<Symbol>>,
    /// The list whose name is being edited in its tab.
    pub(crate) renamed: RwSignal<Option<WatchlistId>>,
    /// The row that the keyboard is to pick up.
    pub(crate) picked: RwSignal<Option<Symbol>>,
    /// Whether the next click is the end of something else and means nothing.
    pub(crate) swallows: StoredValue<bool>,
}

impl EditingTools {
    pub(in crate::state) fn new() -> Self {
        Self {
            wanted: RwSignal::new(false),
            task: RwSignal::new(None),
            edited: RwSignal::default(),
            renamed: RwSignal::new(None),
            picked: RwSignal::new(None),
            swallows: StoredValue::new(false),
        }
    }

    /// Whether anything has been asked for.
    pub(crate) fn wanted(self) -> bool {
        self.wanted.get()
    }

    /// Has the tools loaded.
    pub(crate) fn want(self) {
        if !self.wanted.get_untracked() {
            self.wanted.set(true);
        }
    }

    /// Opens the dialog of the lists.
    pub(crate) fn ask(self, task: ListTask) {
        self.want();
        self.task.set(Some(task));
    }

    /// Opens the editor of items.
    pub(crate) fn edit(self, symbols: Vec<Symbol>) {
        self.want();
        self.edited.set(symbols);
    }

    /// Lets a list be named anew in its tab.
    pub(crate) fn rename(self, id: WatchlistId) {
        self.want();
        self.renamed.set(Some(id));
    }
}
