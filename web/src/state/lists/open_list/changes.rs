//! Changes of the open list: each is shown at once, sent behind, and can be taken back.

use crate::state::lists::item_order;
use crate::state::lists::open_list::List;
use crate::state::lists::open_list::list_op;
use crate::state::lists::open_list::list_op::{Marks, Step};
use crate::state::lists::open_list::sync::{Pending, bulk};
use crate::state::undo_stack::Way;
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
pub(in crate::state) struct Part {
    list: WatchlistId,
    steps: Vec<Step>,
    back: Vec<Step>,
}

/// A change in words.
#[derive(Clone)]
pub(crate) struct Said {
    /// What was done.
    done: String,
    /// What could not be done.
    attempt: String,
    /// Whether it is said where everybody sees it; what is plain to see is said to screen readers alone.
    aloud: bool,
}

impl Said {
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

impl List {
    /// Puts a symbol at the end of the open list.
    pub(crate) fn add(self, symbol: Symbol) {
        let Some(list) = self.id.get_untracked() else { return };
        let part = Part { list, steps: vec![Step::Add(symbol, Box::default())], back: vec![Step::Take(symbol)] };
        let said = Said::new(texts::changes::added(&symbol), texts::changes::not_added(&symbol), true);
        self.carry_out(Way::Do, said, vec![part]);
    }

    /// Takes symbols from the open list.
    pub(crate) fn remove_all(self, symbols: &[Symbol]) {
        let what = what(symbols);
        let said = Said::new(texts::changes::removed(&what), texts::changes::not_removed(&what), true);
        self.change(said, symbols.iter().map(|symbol| Step::Take(*symbol)).collect());
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
        let said = Said::new(texts::changes::moved(&what), texts::changes::not_moved(&what), aloud);
        if self.change(said, steps) {
            self.tell_place(symbols, section);
        }
    }

    /// Shows symbols elsewhere, and says where; nothing is sent.
    pub(crate) fn show_at(self, symbols: &[Symbol], behind: Option<Symbol>, section: Option<&Section>) {
        self.put_down();
        let steps = self.items().with_untracked(|items| moves(items, symbols, behind, section));
        self.try_out(steps);
        self.tell_place(symbols, section);
    }

    /// Shows everything where it stands again.
    pub(crate) fn put_down(self) {
        self.try_out(Vec::new());
    }

    /// Changes what is on symbols.
    pub(crate) fn edit(self, symbols: &[Symbol], edit: impl Fn(&mut Marks)) {
        let steps = self.items().with_untracked(|items| marks_of(items, symbols, edit));
        let what = what(symbols);
        self.change(Said::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Changes what is on symbols from what a person saw, which another device may have changed meanwhile. A note is that
    /// of one symbol; of several, what was not touched stays as it is with each.
    pub(crate) fn rewrite(self, symbols: &[Symbol], was: &Marks, will: &Marks) {
        let mut steps = Vec::new();
        if will.section != was.section {
            steps = self.items().with_untracked(|items| {
                moves(items, symbols, end_of(items, symbols, will.section.as_ref()), will.section.as_ref())
            });
        }
        // The section has been seen to, with the place that goes with it.
        let was = Marks { section: will.section.clone(), ..was.clone() };
        if was != *will {
            let marks = Box::new((was, will.clone()));
            steps.extend(symbols.iter().map(|symbol| Step::Set(*symbol, marks.clone())));
        }
        let what = what(symbols);
        self.change(Said::new(texts::changes::edited(&what), texts::changes::not_edited(&what), true), steps);
    }

    /// Turns an item's marks into others, on whichever list.
    pub(in crate::state) fn set_marks(self, way: Way, list: &WatchlistId, symbol: Symbol, was: &Marks, will: &Marks) {
        let set = |from: &Marks, to: &Marks| vec![Step::Set(symbol, Box::new((from.clone(), to.clone())))];
        let part = Part { list: list.clone(), steps: set(was, will), back: set(will, was) };
        let said = Said::new(texts::changes::edited(&symbol), texts::changes::not_edited(&symbol), true);
        self.carry_out(way, said, vec![part]);
    }

    /// Copies symbols with their marks to another list, or moves them there. What is there already stays where it is.
    pub(crate) fn hand_over(self, symbols: &[Symbol], to: WatchlistId, moves: bool) {
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
                return self.toasts.tell(texts::changes::all_there(&name));
            }
            let mut parts = vec![Part {
                list: to,
                steps: added
                    .into_iter()
                    .map(|item| Step::Put(Box::new(WatchlistItem { position: u32::MAX, ..item }), None))
                    .collect(),
                back: gone.iter().map(|symbol| Step::Take(*symbol)).collect(),
            }];
            if moves {
                let steps: Vec<Step> = gone.iter().map(|symbol| Step::Take(*symbol)).collect();
                if let Some(back) = self.back_of(&from, &steps) {
                    parts.push(Part { list: from.clone(), steps, back });
                }
            }
            let what = what(&gone);
            let done = match moves {
                true => texts::changes::moved_to(&what, &name),
                false => texts::changes::copied_to(&what, &name),
            };
            self.remember(Way::Do, Said::new(done, texts::changes::not_handed_over().to_owned(), true), parts, 1);
        });
    }

    /// Changes the open list. Says whether there was something to change.
    fn change(self, said: Said, steps: Vec<Step>) -> bool {
        let Some(list) = self.id.get_untracked() else { return false };
        let back = self.back_of(&list, &steps).unwrap_or_default();
        if back.is_empty() {
            return false;
        }
        self.carry_out(Way::Do, said, vec![Part { list, steps, back }]);
        true
    }

    /// The steps that would take these back; none where the list is not open.
    fn back_of(self, list: &WatchlistId, steps: &[Step]) -> Option<Vec<Step>> {
        self.is_open(list).then(|| list_op::apply_all(&mut self.items().get_untracked(), steps))
    }

    pub(in crate::state) fn carry_out(self, way: Way, said: Said, parts: Vec<Part>) {
        self.remember(way, said, parts, 0);
    }

    /// Remembers the way back and sends the parts, but for the first ones that are done already.
    fn remember(self, way: Way, said: Said, parts: Vec<Part>, done: usize) {
        let opposite: Vec<Part> = parts
            .iter()
            .map(|part| Part { list: part.list.clone(), steps: part.back.clone(), back: part.steps.clone() })
            .collect();
        let seen_on = parts
            .iter()
            .map(|part| &part.list)
            .find(|list| self.is_open(list))
            .or(parts.first().map(|part| &part.list));
        let words = said.clone();
        let run = Arc::new(move |way| self.carry_out(way, words.clone(), opposite.clone()));
        let entry = self.undo.remember(way, seen_on.cloned(), run);
        let attempt = if way == Way::Undo { texts::changes::not_undone().to_owned() } else { said.attempt };
        self.queue.update_value(|queue| {
            for Part { list, steps, .. } in parts.into_iter().skip(done) {
                queue.push_back(Pending { entry, list, steps, attempt: attempt.clone() });
            }
        });
        self.show();
        self.toasts.tell_done(self.undo, way, entry, said.done, said.aloud);
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
        self.toasts.say(text);
    }
}

/// The steps that put symbols behind another one and under a heading.
fn moves(items: &[WatchlistItem], symbols: &[Symbol], behind: Option<Symbol>, section: Option<&Section>) -> Vec<Step> {
    // Whoever is moved along is no place to stand behind.
    let still = |symbol: &Symbol| !symbols.contains(symbol);
    let mut before = behind.and_then(|behind| {
        let at = item_order::find(items, behind)?;
        items[..=at].iter().rev().map(|item| item.symbol).find(still)
    });
    let mut steps = Vec::new();
    for symbol in symbols {
        steps.push(Step::Move(*symbol, before));
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
fn marks_of(items: &[WatchlistItem], symbols: &[Symbol], edit: impl Fn(&mut Marks)) -> Vec<Step> {
    let edited = items.iter().filter(|item| symbols.contains(&item.symbol)).filter_map(|item| {
        let was = Marks::of(item);
        let mut will = was.clone();
        edit(&mut will);
        (was != will).then(|| Step::Set(item.symbol, Box::new((was, will))))
    });
    edited.collect()
}
