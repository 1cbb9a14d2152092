//! The command palette as the rest of the app knows it: open or closed, the typed text, the marked result. The results
//! themselves are in [`crate::state::search::results`], which is loaded when they are first shown.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use std::rc::Rc;
use watchtape_shared::Symbol;

type Keys = Rc<dyn Fn(&KeyboardEvent)>;

/// The palette.
#[derive(Clone, Copy)]
pub(crate) struct CommandPalette {
    query: RwSignal<String>,
    open: RwSignal<bool>,
    /// How many results there are, and which of them is marked.
    pub(in crate::state) count: RwSignal<usize>,
    pub(in crate::state) active: RwSignal<usize>,
    pub(in crate::state) announcement: RwSignal<String>,
    /// A chosen symbol that is on the list already: the table scrolls to it.
    revealed: RwSignal<Option<Symbol>>,
    /// Handles the keys, once the results are loaded.
    keys: StoredValue<Option<Keys>, LocalStorage>,
    /// Enter was pressed before the results came. It chooses the first one if that is exactly the typed symbol, and
    /// nothing otherwise.
    pending_enter: StoredValue<bool>,
}

impl CommandPalette {
    pub(in crate::state) fn new() -> Self {
        Self {
            query: RwSignal::default(),
            open: RwSignal::new(false),
            count: RwSignal::new(0),
            active: RwSignal::new(0),
            announcement: RwSignal::default(),
            revealed: RwSignal::new(None),
            keys: StoredValue::new_local(None),
            pending_enter: StoredValue::new(false),
        }
    }

    pub(crate) fn query(self) -> ReadSignal<String> {
        self.query.read_only()
    }

    pub(crate) fn is_open(self) -> bool {
        self.open.get()
    }

    /// The index of the marked result.
    pub(crate) fn active(self) -> usize {
        self.active.get()
    }

    /// The index of the marked result, if there are any.
    pub(crate) fn marked(self) -> Option<usize> {
        (self.count.get() > 0).then(|| self.active.get())
    }

    /// The last announcement for screen readers.
    pub(crate) fn announcement(self) -> String {
        self.announcement.get()
    }

    pub(crate) fn revealed(self) -> ReadSignal<Option<Symbol>> {
        self.revealed.read_only()
    }

    /// Opens the palette with this text in it.
    pub(crate) fn show(self, text: &str) {
        self.type_text(text.to_owned());
        self.open.set(true);
    }

    pub(crate) fn close(self) {
        self.open.set(false);
    }

    /// Replaces the text.
    pub(crate) fn type_text(self, text: String) {
        self.pending_enter.set_value(false);
        self.query.set(text);
    }

    /// Closes the palette and scrolls to a symbol of the open list.
    pub(crate) fn reveal(self, symbol: Symbol) {
        self.close();
        self.revealed.set(Some(symbol));
    }

    /// Passes a key to the results; before they are loaded, remembers Enter.
    pub(crate) fn press(self, event: &KeyboardEvent) {
        match self.keys.get_value() {
            Some(keys) => keys(event),
            None if event.key() == "Enter" => self.note_enter(),
            None => {}
        }
    }

    pub(in crate::state) fn set_key_handler(self, keys: impl Fn(&KeyboardEvent) + 'static) {
        self.keys.set_value(Some(Rc::new(keys)));
    }

    pub(in crate::state) fn clear_key_handler(self) {
        self.keys.set_value(None);
    }

    pub(in crate::state) fn note_enter(self) {
        self.pending_enter.set_value(true);
    }

    pub(in crate::state) fn take_pending_enter(self) -> bool {
        self.pending_enter.try_update_value(std::mem::take).unwrap_or_default()
    }

    pub(in crate::state) fn forget(self) {
        // Its key handler goes with the results.
        let Self { query, open, count, active, announcement, revealed, keys: _, pending_enter } = self;
        open.set(false);
        pending_enter.set_value(false);
        query.set(String::new());
        count.set(0);
        active.set(0);
        announcement.set(String::new());
        revealed.set(None);
    }
}
