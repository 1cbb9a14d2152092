//! What the list tools are open for: the list dialog, the item editor, renaming in the tab, moving by keyboard. The
//! tools themselves (`components/lists/list_tools`) are loaded when somebody first points at the list.

use leptos::prelude::*;
use watchtape_shared::text::ListName;
use watchtape_shared::{Symbol, WatchlistId};
use web_sys::KeyboardEvent;

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
    /// Whether they are in the page.
    is_there: StoredValue<bool>,
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
    early_keys: StoredValue<Vec<KeyboardEvent>, LocalStorage>,
}

impl EditingTools {
    pub(in crate::state) fn new() -> Self {
        Self {
            needed: RwSignal::new(false),
            is_there: StoredValue::new(false),
            task: RwSignal::new(None),
            edited: RwSignal::default(),
            renamed: RwSignal::new(None),
            picked: RwSignal::new(None),
            ignores_next_click: StoredValue::new(false),
            early_keys: StoredValue::new_local(Vec::new()),
        }
    }

    pub(in crate::state) fn forget(self) {
        // The tools themselves are nobody's.
        let Self { needed: _, is_there: _, task, edited, renamed, picked, ignores_next_click, early_keys } = self;
        task.set(None);
        edited.set(Vec::new());
        renamed.set(None);
        picked.set(None);
        ignores_next_click.set_value(false);
        early_keys.set_value(Vec::new());
    }

    /// Notes a key that is pressed before the tools are there.
    pub(crate) fn press_early(self, event: KeyboardEvent) {
        if !self.is_there.get_value() {
            self.early_keys.update_value(|keys| keys.push(event));
        }
    }

    /// Notes that the tools are there; gives the keys that were pressed before, in order.
    pub(crate) fn arrive(self) -> Vec<KeyboardEvent> {
        self.is_there.set_value(true);
        self.early_keys.try_update_value(std::mem::take).unwrap_or_default()
    }

    /// Notes that the tools have gone with their page.
    pub(crate) fn depart(self) {
        self.is_there.set_value(false);
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
