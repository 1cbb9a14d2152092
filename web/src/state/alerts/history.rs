//! What triggered, the newest first: read by pages, and told by the stream.

use super::Alerts;
use super::seen::Seen;
use crate::api::Failure;
use leptos::prelude::*;
use leptos::task::spawn_local;
use watchtape_shared::Page;
use watchtape_shared::alert::AlertEvent;

/// The triggers that are known here.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct History {
    /// The newest first.
    pub(crate) events: Vec<AlertEvent>,
    /// Whether they were read at all.
    pub(crate) is_read: bool,
    /// Where the rest begins.
    pub(crate) next_cursor: Option<String>,
    pub(crate) failure: Option<Failure>,
    pub(crate) is_reading: bool,
    /// Counts persons: an answer for one before is dropped.
    run: u32,
}

impl History {
    pub(super) fn forget(&mut self) {
        *self = Self { run: self.run + 1, ..Self::default() };
    }

    /// Takes triggers in by their ids, which are in the order in which they were recorded. Returns whether one was new.
    pub(super) fn merge(&mut self, events: Vec<AlertEvent>) -> bool {
        let before = self.events.len();
        for event in events {
            let id = event.id.as_str();
            let at = self.events.partition_point(|held| held.id.as_str() > id);
            if self.events.get(at).is_none_or(|held| held.id.as_str() != id) {
                self.events.insert(at, event);
            }
        }
        self.events.len() > before
    }

    fn take(&mut self, page: Page<AlertEvent>, is_first: bool) {
        let reaches_known =
            self.is_read && page.items.iter().any(|event| self.events.iter().any(|held| held.id == event.id));
        if is_first && self.is_read && !reaches_known && page.next_cursor.is_some() {
            // More is missing in between than one page has: what was known before is read again from there.
            self.events.clear();
        }
        if !is_first || !self.is_read || !reaches_known {
            self.next_cursor = page.next_cursor;
        }
        self.merge(page.items);
        self.is_read = true;
    }
}

impl Alerts {
    pub(crate) fn history(self) -> ReadSignal<History> {
        self.history.read_only()
    }

    /// How many triggers nobody has seen on this device, of those that are known here.
    pub(crate) fn unread(self) -> usize {
        self.unread.get()
    }

    /// A trigger was told by the stream.
    pub(in crate::state) fn apply_event(self, event: &AlertEvent) {
        let is_new = self.history.try_update(|history| history.merge(vec![event.clone()])) == Some(true);
        if !is_new {
            return;
        }
        self.note_trigger(event);
        self.remember_seen(|seen| seen.tell(&event.id));
        self.announce(event);
    }

    /// Reads the newest triggers, and tells those of which this device has not told yet.
    pub(super) fn load_history(self) {
        self.read(None, true);
    }

    /// Reads the next page.
    pub(crate) fn load_more_history(self) {
        if let Some(cursor) = self.history.with_untracked(|history| history.next_cursor.clone()) {
            self.read(Some(cursor), false);
        }
    }

    /// Reads the first page, where that has failed or was never done.
    pub(crate) fn ensure_history(self) {
        if self.history.with_untracked(|history| !history.is_read && !history.is_reading) {
            self.read(None, true);
        }
    }

    fn read(self, cursor: Option<String>, is_first: bool) {
        let run = self.history.with_untracked(|history| history.run);
        self.history.update(|history| {
            history.is_reading = true;
            history.failure = None;
        });
        spawn_local(async move {
            let answer = self.api.list_alert_events(cursor.as_deref()).await;
            if self.history.with_untracked(|history| history.run != run) {
                return;
            }
            let failure = answer.as_ref().err().cloned();
            self.history.update(|history| {
                history.is_reading = false;
                history.failure = failure;
                if let Ok(page) = answer {
                    history.take(page, is_first);
                }
            });
            if is_first && self.history.with_untracked(|history| history.is_read) {
                self.tell_missed();
            }
        });
    }

    /// Tells in one summary what triggered since this device has told of anything. A device that is new to the account tells
    /// nothing of what was before it.
    fn tell_missed(self) {
        let Some(user) = untrack(|| self.session.user_id()) else { return };
        let newest = self.history.with_untracked(|history| history.events.first().map(|event| event.id.clone()));
        let Some(seen) = Seen::of(&user) else {
            let seen = Seen::up_to(newest.as_ref());
            seen.store(&user);
            return self.seen.set(Some(seen));
        };
        let missed: Vec<AlertEvent> = self.history.with_untracked(|history| {
            history.events.iter().take_while(|event| !seen.has_told(&event.id)).cloned().collect()
        });
        self.seen.set(Some(seen));
        let Some(newest) = newest else { return };
        self.remember_seen(|seen| seen.tell(&newest));
        self.summarise(&missed);
    }

    /// Everything that is known here was seen: the page of alerts shows it, or a notice was read.
    pub(crate) fn mark_seen(self) {
        let newest = self.history.with_untracked(|history| history.events.first().map(|event| event.id.clone()));
        if let Some(newest) = newest {
            self.remember_seen(|seen| seen.see(&newest));
        }
    }

    /// Takes over what was seen in another tab meanwhile.
    pub(in crate::state) fn reread_seen(self) {
        let stored = untrack(|| self.session.user_id()).and_then(|user| Seen::of(&user));
        if stored.is_some() && self.seen.with_untracked(|seen| seen.is_some() && *seen != stored) {
            self.seen.set(stored);
        }
    }

    /// Changes what this device has seen and told, from what is stored: another tab may have stored more.
    fn remember_seen(self, change: impl FnOnce(&mut Seen)) {
        let Some(user) = untrack(|| self.session.user_id()) else { return };
        let held = self.seen.get_untracked();
        let Some(mut seen) = Seen::of(&user).or_else(|| held.clone()) else { return };
        change(&mut seen);
        if held.as_ref() != Some(&seen) {
            seen.store(&user);
            self.seen.set(Some(seen));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::alerts::seen::tests::{event, id};
    use wasm_bindgen_test::wasm_bindgen_test;

    fn ids(history: &History) -> Vec<&str> {
        history.events.iter().map(|event| event.id.as_str()).collect()
    }

    fn page(numbers: &[u8], next: Option<&str>) -> Page<AlertEvent> {
        Page { items: numbers.iter().map(|number| event(*number)).collect(), next_cursor: next.map(Into::into) }
    }

    #[wasm_bindgen_test]
    fn a_trigger_is_there_once_and_the_newest_is_first() {
        let mut history = History::default();
        history.take(page(&[5, 3], Some("older")), true);
        assert!(history.merge(vec![event(7)]));
        assert!(!history.merge(vec![event(7), event(3)]));
        assert!(history.merge(vec![event(4)]));
        let expected: Vec<_> = [7, 5, 4, 3].into_iter().map(id).collect();
        assert_eq!(ids(&history), expected.iter().map(|id| id.as_str()).collect::<Vec<_>>());
        history.take(page(&[2, 1], None), false);
        assert_eq!((history.events.len(), history.next_cursor.as_deref()), (6, None));
    }

    #[wasm_bindgen_test]
    fn what_is_read_again_leaves_no_gap() {
        let mut history = History::default();
        history.take(page(&[5, 4], Some("below 4")), true);
        // The new page reaches what is known: the rest still begins where it did.
        history.take(page(&[7, 6, 5], Some("below 5")), true);
        assert_eq!((history.events.len(), history.next_cursor.as_deref()), (4, Some("below 4")));
        // It does not: there may be others in between, and reading goes on from the new page.
        history.take(page(&[12, 11], Some("below 11")), true);
        assert_eq!((history.events.len(), history.next_cursor.as_deref()), (2, Some("below 11")));
    }
}
