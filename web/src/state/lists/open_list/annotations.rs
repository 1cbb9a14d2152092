//! The annotations of an item, and the merge of edits that two devices made.

use watchtape_shared::Patch;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::watchlist::{Flag, ItemPatch, WatchlistItem};

/// Separates the two texts of a note that was edited on two devices.
const SEPARATOR: &str = "\n———\n";

/// The note, the flag and the section of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotations {
    pub(crate) note: Option<Note>,
    pub(crate) flag: Option<Flag>,
    pub(crate) section: Option<Section>,
}

impl Annotations {
    pub(crate) fn of(item: &WatchlistItem) -> Self {
        Self { note: item.note.clone(), flag: item.flag, section: item.section.clone() }
    }

    pub(super) fn put_on(self, item: &mut WatchlistItem) {
        (item.note, item.flag, item.section) = (self.note, self.flag, self.section);
    }

    /// Merges an edit that replaces `was` by `will` into these, which another device may have changed since: the
    /// edit's flag and section win, and of a note both texts are kept. `None` if both are longer than a note may be.
    pub(crate) fn merged(&self, was: &Self, will: &Self) -> Option<Self> {
        let mut merged = self.clone();
        if will.flag != was.flag {
            merged.flag = will.flag;
        }
        if will.section != was.section {
            merged.section.clone_from(&will.section);
        }
        if will.note != was.note && will.note != self.note {
            merged.note = match (&self.note, &will.note) {
                (Some(theirs), Some(mine)) if self.note != was.note => {
                    Some(Note::parse(&[theirs.as_str(), SEPARATOR, mine.as_str()].concat()).ok()?)
                }
                // Deleted here and rewritten there: what was written stays.
                (Some(theirs), None) if self.note != was.note => Some(theirs.clone()),
                _ => will.note.clone(),
            };
        }
        Some(merged)
    }

    /// The patch that turns these into others.
    pub(crate) fn patch_to(&self, will: &Self) -> ItemPatch {
        fn member<T: Clone + PartialEq>(from: &Option<T>, to: &Option<T>) -> Patch<T> {
            match to {
                _ if from == to => Patch::Absent,
                Some(value) => Patch::Value(value.clone()),
                None => Patch::Null,
            }
        }
        ItemPatch {
            note: member(&self.note, &will.note),
            flag: member(&self.flag, &will.flag),
            section: member(&self.section, &will.section),
            after: Patch::Absent,
            position: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn noted(text: &str) -> Annotations {
        Annotations { note: Note::parse(text).ok(), ..Annotations::default() }
    }

    #[wasm_bindgen_test]
    fn of_a_note_that_two_have_written_both_texts_stay() {
        let (was, mine, theirs) = (noted("old"), noted("mine"), noted("theirs"));
        assert_eq!(was.merged(&was, &mine), Some(mine.clone()));
        assert_eq!(mine.merged(&was, &mine), Some(mine.clone()));
        assert_eq!(theirs.merged(&was, &mine), Some(noted("theirs\n———\nmine")));
        assert_eq!(theirs.merged(&was, &Annotations::default()), Some(theirs));
        assert_eq!(noted(&"x".repeat(1999)).merged(&was, &mine), None);
    }

    #[wasm_bindgen_test]
    fn of_a_flag_the_later_one_stays_and_the_rest_is_not_touched() {
        let flagged = |flag| Annotations { flag: Some(flag), ..noted("text") };
        let changed = flagged(Flag::Red)
            .merged(&Annotations::default(), &Annotations { flag: Some(Flag::Blue), ..Annotations::default() });
        assert_eq!(changed, Some(flagged(Flag::Blue)));
    }
}
