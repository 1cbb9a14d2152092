//! Short messages that come and go: what was done and can be undone, and what went wrong.

use crate::api::Failure;
use crate::state::undo_stack::{Direction, UndoStack};
use crate::{i18n, texts};
use leptos::prelude::*;
use std::sync::Arc;

const SECONDS: u8 = 10;
const MOST: usize = 4;

/// What a toast is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Done,
    /// Something that happened elsewhere.
    Info,
    Error,
}

/// Does what a message offers. It outlives what the message is about.
pub(crate) type ToastAction = Arc<dyn Fn() + Send + Sync>;

/// One message.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// What to quote when reporting it.
    pub(crate) reference: Option<String>,
    /// What can be done about it, in a word.
    pub(crate) action: Option<(String, ToastAction)>,
    seconds: u8,
}

/// The messages on screen, the newest last.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    visible: RwSignal<Vec<Toast>>,
    announcement: RwSignal<String>,
    last_id: StoredValue<u32>,
    is_paused: StoredValue<bool>,
}

impl Toasts {
    pub(in crate::state) fn new() -> Self {
        Self {
            visible: RwSignal::default(),
            announcement: RwSignal::default(),
            last_id: StoredValue::new(0),
            is_paused: StoredValue::new(false),
        }
    }

    pub(crate) fn visible(self) -> Vec<Toast> {
        self.visible.get()
    }

    /// The last thing that was said to screen readers alone.
    pub(crate) fn announcement(self) -> String {
        self.announcement.get()
    }

    /// Says to screen readers what everybody else sees happen.
    pub(crate) fn announce(self, text: impl Into<String>) {
        self.announcement.set(text.into());
    }

    /// Says what was done.
    pub(crate) fn show(self, text: impl Into<String>) {
        self.push(Kind::Done, text.into(), None, None);
    }

    /// Says what was done and offers to take it back; or that it was taken back. What is plain to see is said to screen
    /// readers alone.
    pub(in crate::state) fn show_change(
        self,
        undo: UndoStack,
        direction: Direction,
        entry: u32,
        done: String,
        aloud: bool,
    ) {
        match direction {
            Direction::Undo => self.show(texts::changes::undone(&done)),
            _ if aloud => {
                let action =
                    (texts::changes::undo().to_owned(), Arc::new(move || undo.take_back(entry)) as ToastAction);
                self.push(Kind::Done, done, None, Some(action));
            }
            _ => self.announce(done),
        }
    }

    /// Says what a person should know of, and what can be done about it.
    pub(in crate::state) fn warn(self, text: String, label: String, act: ToastAction) {
        self.push(Kind::Info, text, None, Some((label, act)));
    }

    /// Says what did not work and why. The end of a session is told by the sign-in page instead.
    pub(crate) fn fail(self, attempt: &str, failure: &Failure) {
        self.fail_with(attempt, failure, None);
    }

    /// The same, with what can be done about it.
    pub(in crate::state) fn fail_with(
        self,
        attempt: &str,
        failure: &Failure,
        action: Option<(&'static str, ToastAction)>,
    ) {
        if *failure != Failure::SignedOut {
            let text = [attempt, " ", &i18n::failure::sentence(failure)].concat();
            let action = action.map(|(label, act)| (label.to_owned(), act));
            self.push(Kind::Error, text, i18n::failure::reference(failure), action);
        }
    }

    pub(crate) fn dismiss(self, id: u32) {
        self.visible.update(|toasts| toasts.retain(|toast| toast.id != id));
        self.is_paused.set_value(false);
    }

    /// While somebody points at a message or is in it by keyboard, none goes away.
    pub(crate) fn pause(self, held: bool) {
        self.is_paused.set_value(held);
    }

    pub(in crate::state) fn tick(self) {
        if self.is_paused.get_value() || self.visible.with_untracked(Vec::is_empty) {
            return;
        }
        // Without a notification: nothing on screen shows the seconds.
        self.visible.update_untracked(|toasts| {
            for toast in toasts {
                toast.seconds = toast.seconds.saturating_sub(1);
            }
        });
        if self.visible.with_untracked(|toasts| toasts.iter().any(|toast| toast.seconds == 0)) {
            self.visible.update(|toasts| toasts.retain(|toast| toast.seconds > 0));
        }
    }

    fn push(self, kind: Kind, text: String, reference: Option<String>, action: Option<(String, ToastAction)>) {
        self.last_id.update_value(|id| *id += 1);
        // What went wrong, or happened elsewhere, takes longer to read and to decide on.
        let seconds = if kind == Kind::Done { SECONDS } else { 2 * SECONDS };
        let toast = Toast { id: self.last_id.get_value(), kind, text, reference, action, seconds };
        self.visible.update(|toasts| {
            toasts.push(toast);
            if toasts.len() > MOST {
                toasts.remove(0);
            }
        });
    }
}
