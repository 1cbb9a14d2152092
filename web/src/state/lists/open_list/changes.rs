//! Changes of the open list: each is shown at once, sent behind, and can be taken back.

use crate::state::lists::item_order;
use crate::state::lists::open_list::OpenList;
use crate::state::lists::open_list::list_op;
use crate::state::lists::open_list::list_op::{Annotations, ListOp};
use crate::state::lists::open_list::sync::{PendingChange, bulk};
use crate::state::undo_stack::Direction;
use crate::texts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::text::Section;
use watchtape_shared::transfer::BulkStatus;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// Steps on one list, and those that take them back.
#[derive(Clone)]
pub(in crate::state) struct ListChange {
    list: WatchlistId,
    steps: Vec<ListOp>,
    back: Vec<ListOp>,
}

/// A change in words.
#[derive(Clone)]
pub(crate) struct ChangeText {
    /// What was done.
    done: String,
    /// What could not be done.
    attempt: String,
    /// Whether it is said where everybody sees it; what is plain to see is said to screen readers alone.
    aloud: bool,
}

impl ChangeText {
    pub(crate) fn new(done: String, attempt: String, aloud: bool) -> Self {
        Self { done, attempt, aloud }
    }
}

/// One symbol by its name, more by their number.
pub(crate) fn what(symbols: &[Symbol]) -> String {
    match symbols {
        [symbol] => symbol.to_string(),
        symbols => texts::changes::securities(&symbols.len()),
    }
}

impl OpenList {
    /// Puts a symbol at the end of the open list.
    pub(crate) fn add(self, symbol: Symbol) {
        let Some(list) = self.id.get_untracked() else { return };
        let part =
            ListChange { list, steps: vec![ListOp::Add(symbol, Box::default())], back: vec![ListOp::Remove(symbol)] };
        let said = ChangeText::new(texts::changes::added(&symbol), texts::changes::not_added(&symbol), true);
        self.carry_out(Direction::Do, said, vec![part]);
    }

    /// Takes symbols from the open list.
    pub(crate) fn remove_all(self, symbols: &[Symbol]) {
        let what = what(symbols);
        let said = ChangeText::new(texts::changes::removed(&what), texts::changes::not_removed(&what), true);
        self.change(said, symbols.iter().map(|symbol| ListOp::Remove(*symbol)).collect());
    }

    /// Moves a symbol up (below zero) or down the open list by one place; over the end of a section first out of it.
    pub(crate) fn shift(self, symbol: Symbol, by: isize) {
        let target = self.items().with_untracked(|items| {
            let seen = item_order::arranged(items);
            let at = seen.iter().position(|item| item.symbol == symbol)?;
            let next = seen.get(at.checked_add_signed(by)?)?;
            // From one section to the next is a step of its own.
            let is_out = next.section != seen[at].section;
            let behind = if is_out == (by < 0) { Some(next.symbol) } else { item_order::before(items, next.symbol)? };
            Some((behind, next.section.clone()))
        });
        if let Some((behind, section)) = target {
            self.move_to(&[symbol], behind, section.as_ref(), false);
        }
    }

    /// Puts symbols behind another one, or first, under the heading that is there.
    pub(crate) fn move_to(self, symbols: &[Symbol], behind: Option<Symbol>, section: Option<&Section>, aloud: bool) {
        let steps = self.items().with_untracked(|items| moves(items, symbols, behind, section));
        let what = what(symbols);
        let said = ChangeText::new(texts::changes::moved(&what), texts::changes::not_moved(&what), aloud);
        if self.change(said, steps) {
            self.tell_place(symbols, section);
        }
    }

    /// Shows symbols elsewhere, and says where; nothing is sent.
    pub(crate) fn preview_move(self, symbols: &[Symbol], behind: Option<Symbol>, section: Option<&Section>) {
        self.clear_preview();
        let steps = self.items().with_untracked(|items| moves(items, symbols, behind, section));
        self.set_preview(steps);
        self.tell_place(symbols, section);
    }

    /// Shows everything where it stands again.
    pub(crate) fn clear_preview(self) {
        self.set_preview(Vec::new());
    }

    /// Changes what is on symbols.
    pub(crate) fn edit(self, symbols: &[Symbol], edit: impl Fn(&mut Annotations)) {
        let steps = self.items().with_untracked(|items| marks_of(items, symbols, edit));
        let what = what(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Changes what is on symbols from what a person saw, which another device may have changed meanwhile. A note is that
    /// of one symbol; of several, what was not touched stays as it is with each.
    pub(crate) fn rewrite(self, symbols: &[Symbol], was: &Annotations, will: &Annotations) {
        let mut steps = Vec::new();
        if will.section != was.section {
            steps = self.items().with_untracked(|items| {
                moves(items, symbols, end_of(items, symbols, will.section.as_ref()), will.section.as_ref())
            });
        }
        // The section has been seen to, with the place that goes with it.
        let was = Annotations { section: will.section.clone(), ..was.clone() };
        if was != *will {
            let marks = Box::new((was, will.clone()));
            steps.extend(symbols.iter().map(|symbol| ListOp::Set(*symbol, marks.clone())));
        }
        let what = what(symbols);
        self.change(ChangeText::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Turns an item's marks into others, on whichever list.
    pub(in crate::state) fn set_marks(
        self,
        direction: Direction,
        list: &WatchlistId,
        symbol: Symbol,
        was: &Annotations,
        will: &Annotations,
    ) {
        let set =
            |from: &Annotations, to: &Annotations| vec![ListOp::Set(symbol, Box::new((from.clone(), to.clone())))];
        let part = ListChange { list: list.clone(), steps: set(was, will), back: set(will, was) };
        let said = ChangeText::new(texts::changes::edited(&symbol), texts::changes::not_edited(&symbol), true);
        self.carry_out(direction, said, vec![part]);
    }

    /// Copies symbols with their marks to another list, or moves them there. What is there already stays where it is.
    pub(crate) fn copy_or_move_to(self, symbols: &[Symbol], to: WatchlistId, moves: bool) {
        let Some(from) = self.id.get_untracked() else { return };
        let items: Vec<WatchlistItem> = self
            .items()
            .with_untracked(|items| items.iter().filter(|item| symbols.contains(&item.symbol)).cloned().collect());
        let name = untrack(|| self.lists.name(&to)).map_or_else(String::new, |name| name.to_string());
        spawn_local(async move {
            let wishes = items.iter().map(|item| bulk(item, None)).collect();
            let answer = match self.api.add_items(&to, wishes).await {
                Ok(answer) => answer,
                Err(failure) => return self.toasts.fail(texts::changes::not_handed_over(), &failure),
            };
            let added: Vec<WatchlistItem> = items
                .into_iter()
                .zip(answer.results)
                .filter_map(|(item, result)| (result.status == BulkStatus::Added).then_some(item))
                .collect();
            let gone: Vec<Symbol> = added.iter().map(|item| item.symbol).collect();
            if gone.is_empty() {
                return self.toasts.show(texts::changes::all_there(&name));
            }
            let mut parts = vec![ListChange {
                list: to,
                steps: added
                    .into_iter()
                    .map(|item| ListOp::Insert(Box::new(WatchlistItem { position: u32::MAX, ..item }), None))
                    .collect(),
                back: gone.iter().map(|symbol| ListOp::Remove(*symbol)).collect(),
            }];
            if moves {
                let steps: Vec<ListOp> = gone.iter().map(|symbol| ListOp::Remove(*symbol)).collect();
                if let Some(back) = self.back_of(&from, &steps) {
                    parts.push(ListChange { list: from.clone(), steps, back });
                }
            }
            let what = what(&gone);
            let done = match moves {
                true => texts::changes::moved_to(&what, &name),
                false => texts::changes::copied_to(&what, &name),
            };
            self.remember(
                Direction::Do,
                ChangeText::new(done, texts::changes::not_handed_over().to_owned(), true),
                parts,
                1,
            );
        });
    }

    /// Changes the open list. Says whether there was something to change.
    fn change(self, said: ChangeText, steps: Vec<ListOp>) -> bool {
        let Some(list) = self.id.get_untracked() else { return false };
        let back = self.back_of(&list, &steps).unwrap_or_default();
        if back.is_empty() {
            return false;
        }
        self.carry_out(Direction::Do, said, vec![ListChange { list, steps, back }]);
        true
    }

    /// The steps that would take these back; none where the list is not open.
    fn back_of(self, list: &WatchlistId, steps: &[ListOp]) -> Option<Vec<ListOp>> {
        self.is_open(list).then(|| list_op::apply_all(&mut self.items().get_untracked(), steps))
    }

    pub(in crate::state) fn carry_out(self, direction: Direction, said: ChangeText, parts: Vec<ListChange>) {
        self.remember(direction, said, parts, 0);
    }

    /// Remembers the way back and sends the parts, but for the first ones that are done already.
    fn remember(self, direction: Direction, said: ChangeText, parts: Vec<ListChange>, done: usize) {
        let opposite: Vec<ListChange> = parts
            .iter()
            .map(|part| ListChange { list: part.list.clone(), steps: part.back.clone(), back: part.steps.clone() })
            .collect();
        let seen_on = parts
            .iter()
            .map(|part| &part.list)
            .find(|list| self.is_open(list))
            .or(parts.first().map(|part| &part.list));
        let words = said.clone();
        let run = Arc::new(move |direction| self.carry_out(direction, words.clone(), opposite.clone()));
        let entry = self.undo.remember(direction, seen_on.cloned(), run);
        let attempt = if direction == Direction::Undo { texts::changes::not_undone().to_owned() } else { said.attempt };
        self.queue.update_value(|queue| {
            for ListChange { list, steps, .. } in parts.into_iter().skip(done) {
                queue.push_back(PendingChange { entry, list, steps, attempt: attempt.clone() });
            }
        });
        self.recompute();
        self.toasts.show_change(self.undo, direction, entry, said.done, said.aloud);
        self.send();
    }

    fn tell_place(self, symbols: &[Symbol], section: Option<&Section>) {
        let Some(first) = symbols.first() else { return };
        let (place, of) = self.items().with_untracked(|items| (item_order::find(items, *first), items.len()));
        let mut text = texts::changes::place(&what(symbols), &(place.unwrap_or(0) + 1), &of);
        if let Some(section) = section {
            text.push(' ');
            text += &texts::changes::in_section(section);
        }
        self.toasts.announce(text);
    }
}

/// The steps that put symbols behind another one and under a heading.
fn moves(
    items: &[WatchlistItem],
    symbols: &[Symbol],
    behind: Option<Symbol>,
    section: Option<&Section>,
) -> Vec<ListOp> {
    // Whoever is moved along is no place to stand behind.
    let still = |symbol: &Symbol| !symbols.contains(symbol);
    let mut before = behind.and_then(|behind| {
        let at = item_order::find(items, behind)?;
        items[..=at].iter().rev().map(|item| item.symbol).find(still)
    });
    let mut steps = Vec::new();
    for symbol in symbols {
        steps.push(ListOp::Move(*symbol, before));
        before = Some(*symbol);
    }
    // One item's place and heading go in one request, which takes them side by side.
    steps.extend(marks_of(items, symbols, |marks| marks.section = section.cloned()));
    steps
}

/// Behind whom symbols go that are put under a heading. A new one comes behind the one that its first item leaves.
fn end_of(items: &[WatchlistItem], symbols: &[Symbol], section: Option<&Section>) -> Option<Symbol> {
    let last = |wanted: Option<&Section>| items.iter().rev().find(|item| item.section.as_ref() == wanted);
    let first = items.iter().find(|item| symbols.contains(&item.symbol))?;
    last(section).or_else(|| last(first.section.as_ref())).map(|item| item.symbol)
}

/// The edit of each symbol, where it changes something.
fn marks_of(items: &[WatchlistItem], symbols: &[Symbol], edit: impl Fn(&mut Annotations)) -> Vec<ListOp> {
    let edited = items.iter().filter(|item| symbols.contains(&item.symbol)).filter_map(|item| {
        let was = Annotations::of(item);
        let mut will = was.clone();
        edit(&mut will);
        (was != will).then(|| ListOp::Set(item.symbol, Box::new((was, will))))
    });
    edited.collect()
}
