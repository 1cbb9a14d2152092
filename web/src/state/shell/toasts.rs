//! Toasts: what was done and can be undone, and what went wrong; and announcements for screen readers.

use crate::api::Failure;
use crate::state::undo_stack::{Direction, UndoStack};
use crate::{i18n, texts};
use leptos::prelude::*;
use std::sync::Arc;

const SECONDS: u8 = 10;
const MOST: usize = 4;

/// The kind of a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Done,
    /// Something that happened elsewhere.
    Info,
    /// An alert has triggered.
    Alert,
    Error,
}

/// The action of a toast's button. It outlives what the toast is about.
pub(crate) type ToastAction = Arc<dyn Fn() + Send + Sync>;

/// One toast.
#[derive(Clone)]
pub(crate) struct Toast {
    pub(crate) id: u32,
    pub(crate) kind: Kind,
    pub(crate) text: String,
    /// The request id, for reports.
    pub(crate) reference: Option<String>,
    /// The label and the action of its button.
    pub(crate) action: Option<(String, ToastAction)>,
    /// The text and the address of a link to what it is about.
    pub(crate) link: Option<(String, String)>,
    /// Run when somebody follows the link or closes the toast.
    pub(crate) on_read: Option<ToastAction>,
    seconds: u8,
}

/// The toasts on screen, the newest last.
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

    /// The last announcement for screen readers.
    pub(crate) fn announcement(self) -> String {
        self.announcement.get()
    }

    /// Announces to screen readers what others see happen.
    pub(crate) fn announce(self, text: impl Into<String>) {
        self.announcement.set(text.into());
    }

    /// Shows a toast about what was done.
    pub(crate) fn show(self, text: impl Into<String>) {
        self.push(Kind::Done, text.into(), None, None);
    }

    /// Tells what was done, with an undo button, or that it was undone. A change that is plain to see (`shows_toast` is
    /// false) is only announced to screen readers.
    pub(in crate::state) fn show_change(
        self,
        undo: UndoStack,
        direction: Direction,
        entry: u32,
        done: String,
        shows_toast: bool,
    ) {
        match direction {
            Direction::Undo => self.show(texts::changes::undone(&done)),
            _ if shows_toast => {
                let action = (texts::changes::undo().to_owned(), Arc::new(move || undo.undo(entry)) as ToastAction);
                self.push(Kind::Done, done, None, Some(action));
            }
            _ => self.announce(done),
        }
    }

    /// Shows a warning with an action.
    pub(in crate::state) fn warn(self, text: String, label: String, act: ToastAction) {
        self.push(Kind::Info, text, None, Some((label, act)));
    }

    /// Tells of an alert, with a link to what it is about.
    pub(in crate::state) fn tell_alert(self, text: String, link: (String, String), on_read: ToastAction) {
        self.push_with(Kind::Alert, text, |toast| {
            toast.link = Some(link);
            toast.on_read = Some(on_read);
        });
    }

    /// Whether a notice of an alert is on the screen.
    pub(in crate::state) fn has_alerts(self) -> bool {
        self.visible.with_untracked(|toasts| toasts.iter().any(|toast| toast.kind == Kind::Alert))
    }

    /// Takes the notices of alerts off the screen: one for all of them takes their place.
    pub(in crate::state) fn drop_alerts(self) {
        self.visible.update(|toasts| toasts.retain(|toast| toast.kind != Kind::Alert));
    }

    /// Tells what failed and why. The end of a session is told by the sign-in page instead.
    pub(crate) fn fail(self, attempt: &str, failure: &Failure) {
        self.fail_with(attempt, failure, None);
    }

    /// Tells what the price stream has refused.
    pub(in crate::state) fn fail_on_stream(self, code: &str, message: String) {
        self.push(Kind::Error, i18n::failure::known(code).map_or(message, str::to_owned), None, None);
    }

    /// The same, with an action.
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

    /// Tells that an undo has failed, and offers to try again.
    pub(in crate::state) fn fail_to_undo(self, undo: UndoStack, attempt: &str, failure: &Failure, entry: u32) {
        let again: ToastAction = Arc::new(move || undo.try_again(entry));
        self.fail_with(attempt, failure, Some((texts::changes::try_again(), again)));
    }

    pub(crate) fn dismiss(self, id: u32) {
        self.visible.update(|toasts| toasts.retain(|toast| toast.id != id));
        self.is_paused.set_value(false);
    }

    /// Takes everything off the screen, and back what screen readers could still read.
    pub(in crate::state) fn forget(self) {
        let Self { visible, announcement, last_id: _, is_paused } = self;
        visible.update(Vec::clear);
        announcement.set(String::new());
        is_paused.set_value(false);
    }

    /// Pauses the timeouts while a toast has the pointer or the focus.
    pub(crate) fn pause(self, held: bool) {
        self.is_paused.set_value(held);
    }

    pub(in crate::state) fn tick(self) {
        if self.is_paused.get_value() || self.visible.with_untracked(Vec::is_empty) {
            return;
        }
        let is_hidden = document().hidden();
        // Without a notification: nothing on screen shows the seconds.
        self.visible.update_untracked(|toasts| {
            // An alert waits until somebody is there to read it.
            for toast in toasts.iter_mut().filter(|toast| !(is_hidden && toast.kind == Kind::Alert)) {
                toast.seconds = toast.seconds.saturating_sub(1);
            }
        });
        if self.visible.with_untracked(|toasts| toasts.iter().any(|toast| toast.seconds == 0)) {
            self.visible.update(|toasts| toasts.retain(|toast| toast.seconds > 0));
        }
    }

    fn push(self, kind: Kind, text: String, reference: Option<String>, action: Option<(String, ToastAction)>) {
        self.push_with(kind, text, |toast| {
            toast.reference = reference;
            toast.action = action;
        });
    }

    fn push_with(self, kind: Kind, text: String, add: impl FnOnce(&mut Toast)) {
        self.last_id.update_value(|id| *id += 1);
        // Errors and warnings take longer to read.
        let seconds = if kind == Kind::Done { SECONDS } else { 2 * SECONDS };
        let id = self.last_id.get_value();
        let mut toast = Toast { id, kind, text, reference: None, action: None, link: None, on_read: None, seconds };
        add(&mut toast);
        self.visible.update(|toasts| {
            toasts.push(toast);
            if toasts.len() > MOST {
                toasts.remove(0);
            }
        });
    }
}
