//! What the list tools are open for: the list dialog, the item editor, renaming in the tab, moving by keyboard. The
//! tools themselves (`components/lists/list_tools`) are loaded when somebody first points at the list.

use leptos::prelude::*;
use watchtape_shared::text::ListName;
use watchtape_shared::{Symbol, WatchlistId};

/// What the list dialog is open for.
#[derive(Clone, PartialEq)]
pub(crate) enum ListTask {
    Create,
    Rename(WatchlistId, ListName),
    Duplicate(WatchlistId, ListName),
    Delete(WatchlistId, ListName),
}

/// What the list tools are open for.
#[derive(Clone, Copy)]
pub(crate) struct EditingTools {
    needed: RwSignal<bool>,
    /// The task of the list dialog.
    pub(crate) task: RwSignal<Option<ListTask>>,
    /// The items whose note, flag and section are being edited.
    pub(crate) edited: RwSignal<Vec<Symbol>>,
    /// The list whose name is being edited in its tab.
    pub(crate) renamed: RwSignal<Option<WatchlistId>>,
    /// The row that was picked up by keyboard.
    pub(crate) picked: RwSignal<Option<Symbol>>,
    /// Whether the next click is ignored: it ends a drag or a long press.
    pub(crate) ignores_next_click: StoredValue<bool>,
}

impl EditingTools {
    pub(in crate::state) fn new() -> Self {
        Self {
            needed: RwSignal::new(false),
            task: RwSignal::new(None),
            edited: RwSignal::default(),
            renamed: RwSignal::new(None),
            picked: RwSignal::new(None),
            ignores_next_click: StoredValue::new(false),
        }
    }

    /// Whether the list tools are needed.
    pub(crate) fn is_needed(self) -> bool {
        self.needed.get()
    }

    /// Loads the list tools.
    pub(crate) fn load(self) {
        if !self.needed.get_untracked() {
            self.needed.set(true);
        }
    }

    /// Opens the list dialog.
    pub(crate) fn ask(self, task: ListTask) {
        self.load();
        self.task.set(Some(task));
    }

    /// Opens the item editor.
    pub(crate) fn edit(self, symbols: Vec<Symbol>) {
        self.load();
        self.edited.set(symbols);
    }

    /// Opens the name field in a list's tab.
    pub(crate) fn rename(self, id: WatchlistId) {
        self.load();
        self.renamed.set(Some(id));
    }
}
