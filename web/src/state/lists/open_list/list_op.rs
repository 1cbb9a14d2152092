//! The operations on a list. They hold on any state of it: a place is named by the symbol before it, and an edit knows
//! what it replaces. So an operation is shown before the server answers, is applied again on top of what other devices
//! did meanwhile, and has an inverse.
//!
//! Deliberately absent: signals and requests.

use super::annotations::Annotations;
use crate::state::lists::item_order;
use watchtape_shared::Symbol;
use watchtape_shared::watchlist::WatchlistItem;

/// One operation. A place is named by the symbol before it; `None` is the top.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ListOp {
    /// Appends a security. Only the server knows its details, so it is shown after its answer.
    Add(Symbol, Box<Annotations>),
    Insert(Box<WatchlistItem>, Option<Symbol>),
    Remove(Symbol),
    Move(Symbol, Option<Symbol>),
    Set(Symbol, Box<(Annotations, Annotations)>),
}

/// Applies an operation and returns its inverse; `None` if it changes nothing.
pub(in crate::state) fn apply(items: &mut Vec<WatchlistItem>, op: &ListOp) -> Option<ListOp> {
    match op {
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
        ListOp::Set(symbol, annotations) => {
            let at = item_order::find(items, *symbol)?;
            let item = &mut items[at];
            let held = Annotations::of(item);
            let will = held.merged(&annotations.0, &annotations.1)?;
            if will == held {
                return None;
            }
            will.clone().put_on(item);
            Some(ListOp::Set(*symbol, Box::new((will, held))))
        }
    }
}

/// Applies operations in order and returns their inverses, in the order in which to apply them.
pub(in crate::state) fn apply_all(items: &mut Vec<WatchlistItem>, ops: &[ListOp]) -> Vec<ListOp> {
    let mut inverse: Vec<ListOp> = ops.iter().filter_map(|op| apply(items, op)).collect();
    inverse.reverse();
    inverse
}

/// An edit of each symbol whose annotations it changes.
pub(super) fn annotation_edits(
    items: &[WatchlistItem],
    symbols: &[Symbol],
    edit: impl Fn(&mut Annotations),
) -> Vec<ListOp> {
    let edited = items.iter().filter(|item| symbols.contains(&item.symbol)).filter_map(|item| {
        let was = Annotations::of(item);
        let mut will = was.clone();
        edit(&mut will);
        (was != will).then(|| ListOp::Set(item.symbol, Box::new((was, will))))
    });
    edited.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::lists::item_order::tests::{list, shown, symbol};
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::watchlist::Flag;

    #[wasm_bindgen_test]
    fn whatever_is_done_is_taken_back() {
        let (a, b, c) = (symbol("A"), symbol("B"), symbol("C"));
        let red = Annotations { flag: Some(Flag::Red), ..Annotations::default() };
        for ops in [
            vec![ListOp::Remove(b)],
            vec![ListOp::Remove(a), ListOp::Remove(b), ListOp::Remove(c)],
            vec![ListOp::Move(a, Some(c)), ListOp::Move(b, Some(a))],
            vec![ListOp::Move(c, None)],
            vec![ListOp::Set(a, Box::new((Annotations::default(), red))), ListOp::Move(a, Some(b)), ListOp::Remove(a)],
        ] {
            let before = list("A B C D");
            let mut items = before.clone();
            let back = apply_all(&mut items, &ops);
            assert_ne!(items, before, "{ops:?}");
            apply_all(&mut items, &back);
            assert_eq!(items, before, "{ops:?}");
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
}
