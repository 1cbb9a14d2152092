//! What can be done to a list, in steps that hold on any state of it: places are named by who stands before them, and an
//! edit knows what it replaces. So a step is shown before the server has answered, is made again on top of what other
//! devices did meanwhile, and has a step that takes it back.
//!
//! Deliberately absent: signals and requests.

use crate::state::lists::item_order;
use watchtape_shared::text::{Note, Section};
use watchtape_shared::watchlist::{Flag, ItemPatch, WatchlistItem};
use watchtape_shared::{Patch, Symbol};

/// Stands between two texts of one note that were written on two devices.
const SEAM: &str = "\n———\n";

/// What a person has put on an item.
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

    fn put_on(self, item: &mut WatchlistItem) {
        (item.note, item.flag, item.section) = (self.note, self.flag, self.section);
    }

    /// What `will` makes of these marks where it was meant to replace `was`: another's flag or section gives direction, and
    /// of a note both texts are kept. None where both are more than a note holds.
    pub(crate) fn changed(&self, was: &Self, will: &Self) -> Option<Self> {
        let mut marks = self.clone();
        if will.flag != was.flag {
            marks.flag = will.flag;
        }
        if will.section != was.section {
            marks.section.clone_from(&will.section);
        }
        if will.note != was.note && will.note != self.note {
            marks.note = match (&self.note, &will.note) {
                (Some(theirs), Some(mine)) if self.note != was.note => {
                    Some(Note::parse(&[theirs.as_str(), SEAM, mine.as_str()].concat()).ok()?)
                }
                // Taken away here and written anew there: what was written stays.
                (Some(theirs), None) if self.note != was.note => Some(theirs.clone()),
                _ => will.note.clone(),
            };
        }
        Some(marks)
    }

    /// The wish that turns these into others.
    pub(crate) fn patch_to(&self, will: &Self) -> ItemPatch {
        fn wish<T: Clone + PartialEq>(from: &Option<T>, to: &Option<T>) -> Patch<T> {
            match to {
                _ if from == to => Patch::Absent,
                Some(value) => Patch::Value(value.clone()),
                None => Patch::Null,
            }
        }
        ItemPatch {
            note: wish(&self.note, &will.note),
            flag: wish(&self.flag, &will.flag),
            section: wish(&self.section, &will.section),
            position: None,
        }
    }
}

/// One thing done to a list. A place is named by the symbol that stands before it; none is the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ListOp {
    /// Puts a security at the end that only the server can describe, so it is shown when it has.
    Add(Symbol, Box<Annotations>),
    Insert(Box<WatchlistItem>, Option<Symbol>),
    Remove(Symbol),
    Move(Symbol, Option<Symbol>),
    Set(Symbol, Box<(Annotations, Annotations)>),
}

/// Does a step and gives the one that takes it back; none where it changes nothing.
pub(in crate::state) fn apply(items: &mut Vec<WatchlistItem>, step: &ListOp) -> Option<ListOp> {
    match step {
        ListOp::Add(..) => None,
        ListOp::Insert(item, behind) => {
            if item_order::find(items, item.symbol).is_some() {
                return None;
            }
            item_order::place(items, (**item).clone(), *behind);
            Some(ListOp::Remove(item.symbol))
        }
        ListOp::Remove(symbol) => {
            let (item, behind) = item_order::take(items, *symbol)?;
            Some(ListOp::Insert(Box::new(item), behind))
        }
        ListOp::Move(symbol, behind) => {
            let is_known = behind.is_none_or(|behind| behind != *symbol && item_order::find(items, behind).is_some());
            if !is_known || item_order::before(items, *symbol)? == *behind {
                return None;
            }
            let (item, before) = item_order::take(items, *symbol)?;
            item_order::place(items, item, *behind);
            Some(ListOp::Move(*symbol, before))
        }
        ListOp::Set(symbol, marks) => {
            let at = item_order::find(items, *symbol)?;
            let item = &mut items[at];
            let held = Annotations::of(item);
            let will = held.changed(&marks.0, &marks.1)?;
            if will == held {
                return None;
            }
            will.clone().put_on(item);
            Some(ListOp::Set(*symbol, Box::new((will, held))))
        }
    }
}

/// Does steps one after the other and gives those that take them back, in the order in which to do so.
pub(in crate::state) fn apply_all(items: &mut Vec<WatchlistItem>, steps: &[ListOp]) -> Vec<ListOp> {
    let mut back: Vec<ListOp> = steps.iter().filter_map(|step| apply(items, step)).collect();
    back.reverse();
    back
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::lists::item_order::tests::{list, shown, symbol};
    use wasm_bindgen_test::wasm_bindgen_test;

    fn noted(text: &str) -> Annotations {
        Annotations { note: Note::parse(text).ok(), ..Annotations::default() }
    }

    #[wasm_bindgen_test]
    fn whatever_is_done_is_taken_back() {
        let (a, b, c) = (symbol("A"), symbol("B"), symbol("C"));
        let red = Annotations { flag: Some(Flag::Red), ..Annotations::default() };
        for steps in [
            vec![ListOp::Remove(b)],
            vec![ListOp::Remove(a), ListOp::Remove(b), ListOp::Remove(c)],
            vec![ListOp::Move(a, Some(c)), ListOp::Move(b, Some(a))],
            vec![ListOp::Move(c, None)],
            vec![ListOp::Set(a, Box::new((Annotations::default(), red))), ListOp::Move(a, Some(b)), ListOp::Remove(a)],
        ] {
            let before = list("A B C D");
            let mut items = before.clone();
            let back = apply_all(&mut items, &steps);
            assert_ne!(items, before, "{steps:?}");
            apply_all(&mut items, &back);
            assert_eq!(items, before, "{steps:?}");
        }
    }

    #[wasm_bindgen_test]
    fn a_move_holds_on_a_list_that_another_device_has_changed() {
        let mut items = list("NEW A C B D");
        apply(&mut items, &ListOp::Move(symbol("D"), Some(symbol("A"))));
        assert_eq!(shown(&items), "NEW A D C B");
        assert_eq!(apply(&mut items, &ListOp::Move(symbol("D"), Some(symbol("GONE")))), None);
        assert_eq!(apply(&mut items, &ListOp::Remove(symbol("GONE"))), None);
    }

    #[wasm_bindgen_test]
    fn of_a_note_that_two_have_written_both_texts_stay() {
        let (was, mine, theirs) = (noted("old"), noted("mine"), noted("theirs"));
        assert_eq!(was.changed(&was, &mine), Some(mine.clone()));
        assert_eq!(mine.changed(&was, &mine), Some(mine.clone()));
        assert_eq!(theirs.changed(&was, &mine), Some(noted("theirs\n———\nmine")));
        assert_eq!(theirs.changed(&was, &Annotations::default()), Some(theirs));
        assert_eq!(noted(&"x".repeat(1999)).changed(&was, &mine), None);
    }

    #[wasm_bindgen_test]
    fn of_a_flag_the_later_one_stays_and_the_rest_is_not_touched() {
        let flagged = |flag| Annotations { flag: Some(flag), ..noted("text") };
        let changed = flagged(Flag::Red)
            .changed(&Annotations::default(), &Annotations { flag: Some(Flag::Blue), ..Annotations::default() });
        assert_eq!(changed, Some(flagged(Flag::Blue)));
    }
}
