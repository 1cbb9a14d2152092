//! Short messages that come and go: what was done and can be undone, and what went wrong.

use crate::api::Failure;
use crate::words;
use leptos::prelude::*;

const SECONDS: u8 = 10;
const MOST: usize = 4;

/// What a toast is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Done,
    Wrong,
}

/// One message.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// What to quote when reporting it.
    pub(crate) reference: Option<String>,
    /// Takes back what was done.
    pub(crate) undo: Option<Callback<()>>,
    seconds: u8,
}

/// The messages on screen, the newest last.
#[derive(Clone, Copy)]
pub(crate) struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    spoken: RwSignal<String>,
    last_id: StoredValue<u32>,
    held: StoredValue<bool>,
}

impl Toasts {
    pub(super) fn new() -> Self {
        Self {
            shown: RwSignal::default(),
            spoken: RwSignal::default(),
            last_id: StoredValue::new(0),
            held: StoredValue::new(false),
        }
    }

    pub(crate) fn shown(self) -> Vec<Toast> {
        self.shown.get()
    }

    /// The last thing that was said to screen readers alone.
    pub(crate) fn spoken(self) -> String {
        self.spoken.get()
    }

    /// Says to screen readers what everybody else sees happen.
    pub(crate) fn say(self, text: impl Into<String>) {
        self.spoken.set(text.into());
    }

    /// Says what was done.
    pub(crate) fn tell(self, text: impl Into<String>) {
        self.push(Kind::Done, text.into(), None, None);
    }

    /// Says what was done and offers to take it back.
    pub(crate) fn offer_undo(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.push(Kind::Done, text.into(), None, Some(Callback::new(move |()| undo())));
    }

    /// Says what did not work and why. The end of a session is told by the sign-in page instead.
    pub(crate) fn fail(self, attempt: &str, failure: &Failure) {
        if *failure != Failure::SignedOut {
            let text = format!("{attempt} {}", words::failure::sentence(failure));
            self.push(Kind::Wrong, text, words::failure::reference(failure), None);
        }
    }

    pub(crate) fn dismiss(self, id: u32) {
        self.shown.update(|toasts| toasts.retain(|toast| toast.id != id));
        self.held.set_value(false);
    }

    /// While somebody points at a message or is in it by keyboard, none goes away.
    pub(crate) fn hold(self, held: bool) {
        self.held.set_value(held);
    }

    pub(super) fn grow_older(self) {
        if self.held.get_value() || self.shown.with_untracked(Vec::is_empty) {
            return;
        }
        // Without a notification: nothing on screen shows the seconds.
        self.shown.update_untracked(|toasts| {
            for toast in toasts {
                toast.seconds = toast.seconds.saturating_sub(1);
            }
        });
        if self.shown.with_untracked(|toasts| toasts.iter().any(|toast| toast.seconds == 0)) {
            self.shown.update(|toasts| toasts.retain(|toast| toast.seconds > 0));
        }
    }

    fn push(self, kind: Kind, text: String, reference: Option<String>, undo: Option<Callback<()>>) {
        self.last_id.update_value(|id| *id += 1);
        let toast = Toast { id: self.last_id.get_value(), kind, text, reference, undo, seconds: SECONDS };
        self.shown.update(|toasts| {
            toasts.push(toast);
            if toasts.len() > MOST {
                toasts.remove(0);
            }
        });
    }
}
