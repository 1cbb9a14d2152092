//! The way of changes to the server: one at a time and in order, so that none overtakes another. While this device has
//! no network they wait; what the server refuses is taken back from the screen, and said.
//!
//! A place or an edit is sent for the version it was worked out for. Where another device was faster, the list is read
//! anew and the step worked out again on that.

use crate::api::{Failure, Version};
use crate::i18n::flag;
use crate::state::lists::item_order;
use crate::state::lists::open_list::list_op;
use crate::state::lists::open_list::list_op::{Annotations, ListOp};
use crate::state::lists::open_list::{OpenList, ServerList};
use crate::state::shell::toasts::ToastAction;
use crate::state::undo_stack::{Direction, Opposite};
use crate::texts;
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::transfer::BulkItem;
use watchtape_shared::watchlist::{AddItem, WatchlistItem};
use watchtape_shared::{Symbol, WatchlistId};

/// How often a step is worked out anew on what other devices did.
const TRIES: u32 = 5;
/// How long to wait, and how often, where the server asks for patience.
const PATIENCE: Duration = Duration::from_secs(5);
const WAITS: u32 = 24;
/// Bytes of one bulk request, of the 64 KiB that the server takes.
const BULK_BYTES: usize = 40_000;

/// Steps on one list that the server has not answered.
pub(crate) struct PendingChange {
    /// What takes them back.
    pub(in crate::state) entry: u32,
    pub(in crate::state) list: WatchlistId,
    pub(in crate::state) steps: Vec<ListOp>,
    /// What to say where they cannot be done.
    pub(in crate::state) attempt: String,
}

/// How many steps of a change the server has done, the version that made, and what was done where it differs.
struct Sent {
    steps: usize,
    version: Version,
    instead: Option<Vec<ListOp>>,
}

impl Sent {
    fn one(version: Version) -> Self {
        Self { steps: 1, version, instead: None }
    }
}

impl OpenList {
    /// Sends what waits, unless that is being done already.
    pub(in crate::state) fn send(self) {
        self.note_unsent();
        if self.is_sending.get_value() {
            return;
        }
        self.is_sending.set_value(true);
        spawn_local(async move {
            let mut waits = 0;
            while let Some((entry, id, steps)) = self.first() {
                self.connection.reachable().await;
                match self.send_some(&id, &steps, entry).await {
                    Ok(sent) => {
                        waits = 0;
                        self.confirm(&id, sent.instead.as_deref().unwrap_or(&steps[..sent.steps]), sent.version);
                        self.drop_steps(entry, sent.steps);
                    }
                    // The network went before the browser had noticed.
                    Err(Failure::Unreachable) if self.connection.is_offline() => {}
                    Err(failure) if failure.status() == Some(429) && waits < WAITS => {
                        waits += 1;
                        pause(PATIENCE).await;
                    }
                    Err(failure) => self.give_up(entry, &failure),
                }
            }
            self.is_sending.set_value(false);
        });
    }

    fn first(self) -> Option<(u32, WatchlistId, Vec<ListOp>)> {
        self.queue.with_value(|queue| {
            let first = queue.front()?;
            Some((first.entry, first.list.clone(), first.steps.clone()))
        })
    }

    /// Forgets the first steps of the first change; of one that is still the first, since a person may have left.
    fn drop_steps(self, entry: u32, count: usize) {
        self.queue.update_value(|queue| {
            let Some(first) = queue.front_mut().filter(|first| first.entry == entry) else { return };
            first.steps.drain(..count.min(first.steps.len()));
            if first.steps.is_empty() {
                queue.pop_front();
            }
        });
        self.note_unsent();
        self.recompute();
    }

    pub(in crate::state) fn note_unsent(self) {
        self.unsent.set(self.queue.with_value(|queue| queue.len()));
    }

    /// Takes a change back from the screen, and offers to try again what may go well another time.
    fn give_up(self, entry: u32, failure: &Failure) {
        let first = self.queue.try_update_value(|queue| {
            queue.front().is_some_and(|first| first.entry == entry).then(|| queue.pop_front()).flatten()
        });
        let Some(pending) = first.flatten() else { return };
        self.note_unsent();
        self.recompute();
        if *failure == Failure::TimedOut && self.is_open(&pending.list) {
            // It may have been done all the same.
            self.open(pending.list.clone());
        }
        let may_go_well = failure.status().is_none_or(|status| status >= 500 || status == 429);
        let gone = pending.steps.iter().find_map(put_again).filter(|_| failure.status() == Some(404));
        let PendingChange { entry, list, steps, attempt } = pending;
        let said = attempt.clone();
        let again = move |steps: Vec<ListOp>| {
            let (list, attempt) = (list.clone(), attempt.clone());
            let act: ToastAction = Arc::new(move || {
                let (list, steps, attempt) = (list.clone(), steps.clone(), attempt.clone());
                self.queue.update_value(|queue| queue.push_back(PendingChange { entry, list, steps, attempt }));
                self.recompute();
                self.send();
            });
            act
        };
        let action = match gone {
            Some(step) => Some((texts::changes::put_back(), again(vec![step]))),
            None if may_go_well => Some((texts::changes::try_again(), again(steps))),
            None => {
                self.undo.forget(entry);
                None
            }
        };
        self.toasts.fail_with(&said, failure, action);
    }

    /// Sends the first step, with those behind it that one request can take along.
    async fn send_some(self, id: &WatchlistId, steps: &[ListOp], entry: u32) -> Result<Sent, Failure> {
        match steps {
            [] => Ok(Sent { steps: 0, version: None, instead: None }),
            [ListOp::Add(symbol, marks), ..] => {
                let (mut item, version) = self.api.add_item(id, &wish(*symbol, (**marks).clone(), None)).await?;
                self.quotes.insert(item.quote.take());
                let last = self.base.with_value(|base| base.items.last().map(|item| item.symbol));
                Ok(Sent { steps: 1, version, instead: Some(vec![ListOp::Insert(Box::new(item), last)]) })
            }
            [ListOp::Remove(symbol), ..] => match self.api.remove_item(id, *symbol).await {
                // Somebody was faster: what was wished is so.
                Err(failure) if failure.status() == Some(404) => Ok(Sent::one(None)),
                answer => answer.map(Sent::one),
            },
            [ListOp::Insert(..), ListOp::Insert(..), ..] => self.send_many(id, steps).await,
            [ListOp::Insert(item, behind), ..] => {
                let item = self.placed(id, item, *behind);
                match self.api.add_item(id, &wish(item.symbol, Annotations::of(&item), Some(item.position))).await {
                    Err(failure) if failure.status() == Some(409) && self.holds_in_base(item.symbol) => {
                        Ok(Sent::one(None))
                    }
                    answer => answer.map(|(_, version)| Sent::one(version)),
                }
            }
            [ListOp::Move(..) | ListOp::Set(..), ..] => self.send_arranged(id, steps, entry).await,
        }
    }

    async fn send_many(self, id: &WatchlistId, steps: &[ListOp]) -> Result<Sent, Failure> {
        let mut items = self.base.with_value(|base| base.items.clone());
        let (mut bytes, mut count, mut wishes) = (0, 0, Vec::new());
        for step in steps {
            let ListOp::Insert(item, behind) = step else { break };
            bytes += 400 + 2 * item.note.as_ref().map_or(0, |note| note.as_str().len());
            if bytes > BULK_BYTES && count > 0 {
                break;
            }
            if self.is_open(id) {
                list_op::apply(&mut items, step);
            }
            let position = item_order::find(&items, item.symbol).filter(|_| behind.is_some() || self.is_open(id));
            let position = position.and_then(|at| u32::try_from(at).ok()).or(Some(item.position));
            wishes.push(bulk(item, position));
            count += 1;
        }
        let answer = self.api.add_items(id, wishes).await?;
        Ok(Sent { steps: count, version: Some(answer.version), instead: None })
    }

    /// Sends a place, several, or an edit, worked out on the list as it is at last.
    async fn send_arranged(self, id: &WatchlistId, steps: &[ListOp], entry: u32) -> Result<Sent, Failure> {
        let mut tries = 0;
        loop {
            let base = self.read_base(id, tries > 0).await?;
            let outcome = match steps {
                [ListOp::Move(..), ListOp::Move(..), ..] => {
                    let count = steps.iter().take_while(|step| matches!(step, ListOp::Move(..))).count();
                    let mut items = base.items;
                    list_op::apply_all(&mut items, &steps[..count]);
                    let symbols = items.iter().map(|item| item.symbol).collect();
                    let sent = self.api.set_order(id, symbols, base.version).await;
                    sent.map(|version| Sent { steps: count, version, instead: None })
                }
                _ => self.send_one(id, steps, base, entry).await,
            };
            match outcome {
                Err(failure) if failure.status() == Some(412) && tries < TRIES => tries += 1,
                outcome => return outcome,
            }
        }
    }

    /// One item's place, its marks, or both in one.
    async fn send_one(self, id: &WatchlistId, steps: &[ListOp], base: ServerList, entry: u32) -> Result<Sent, Failure> {
        let (ListOp::Move(symbol, _) | ListOp::Set(symbol, _)) = steps[0] else { return Ok(Sent::one(None)) };
        let along =
            steps[1..].iter().take_while(|step| matches!(step, ListOp::Set(next, _) if *next == symbol)).count();
        let steps = &steps[..1 + along];
        let held = item_order::find(&base.items, symbol).map(|at| base.items[at].clone());
        let mut items = base.items;
        list_op::apply_all(&mut items, steps);
        let wished = item_order::find(&items, symbol).map(|at| items[at].clone());
        // What is gone is left to the server to say.
        let mut patch = Annotations::default().patch_to(&Annotations::default());
        if let (Some(held), Some(wished)) = (&held, &wished) {
            patch = Annotations::of(held).patch_to(&Annotations::of(wished));
            patch.position = Some(wished.position).filter(|position| *position != held.position);
            if patch.position.is_none() && Annotations::of(held) == Annotations::of(wished) {
                self.say_if_too_much(id, steps, held);
                return Ok(Sent { steps: steps.len(), version: None, instead: None });
            }
        }
        let version = self.api.update_item_at(id, symbol, &patch, base.version).await?;
        if let (Some(held), Some(ListOp::Set(_, marks))) = (held, steps.last()) {
            self.settle_conflict(id, symbol, entry, &Annotations::of(&held), marks);
        }
        Ok(Sent { steps: steps.len(), version, instead: None })
    }

    /// Says where two texts together are more than a note holds. Neither is lost: theirs stands, and mine is offered.
    fn say_if_too_much(self, id: &WatchlistId, steps: &[ListOp], held: &WatchlistItem) {
        let Some(ListOp::Set(symbol, marks)) = steps.last() else { return };
        let held = Annotations::of(held);
        if held.changed(&marks.0, &marks.1).is_none() {
            let (id, symbol, mine) = (id.clone(), *symbol, marks.1.clone());
            let replace: ToastAction = Arc::new(move || self.set_marks(Direction::Do, &id, symbol, &held, &mine));
            self.toasts.warn(texts::changes::note_too_long(&symbol), texts::changes::use_mine().to_owned(), replace);
        }
    }

    /// Says what another device did to the same item, and offers that.
    fn settle_conflict(
        self,
        id: &WatchlistId,
        symbol: Symbol,
        entry: u32,
        theirs: &Annotations,
        marks: &(Annotations, Annotations),
    ) {
        let (was, will) = marks;
        let Some(now) = theirs.changed(was, will) else { return };
        let both = now.note != will.note && will.note != was.note;
        let flagged = will.flag != was.flag && theirs.flag != was.flag && theirs.flag != will.flag;
        let section = will.section != was.section && theirs.section != was.section && theirs.section != will.section;
        if !(both || flagged || section) {
            return;
        }
        let (id, their_flag) = (id.clone(), theirs.flag);
        let theirs = theirs.clone();
        let back: Opposite = Arc::new(move |direction| self.set_marks(direction, &id, symbol, &now, &theirs));
        self.undo.replace(entry, &back);
        let (text, label) = match both {
            true => (texts::changes::note_merged(&symbol), texts::changes::undo().to_owned()),
            false => (
                texts::changes::changed_elsewhere(&symbol),
                match their_flag {
                    Some(theirs) if flagged => texts::changes::use_theirs(&flag::name(theirs)),
                    _ => texts::changes::use_other().to_owned(),
                },
            ),
        };
        self.toasts.warn(text, label, Arc::new(move || self.undo.take_back(entry)));
    }

    /// The list as the server last said; read anew where it is not the open one, or that is too old.
    async fn read_base(self, id: &WatchlistId, anew: bool) -> Result<ServerList, Failure> {
        if !anew && self.is_open(id) && self.base.with_value(|base| base.version > 0) {
            return Ok(self.base.get_value());
        }
        let mut list = self.api.get_watchlist(id).await?;
        self.quotes.insert(list.items.iter_mut().filter_map(|item| item.quote.take()));
        let base = ServerList { version: list.summary.version, items: list.items };
        self.apply_server_list(id, Some(list.summary.name), base.version, base.items.clone());
        Ok(base)
    }

    /// An item at the place where it goes on the list as it is now.
    fn placed(self, id: &WatchlistId, item: &WatchlistItem, behind: Option<Symbol>) -> WatchlistItem {
        let mut item = item.clone();
        if self.is_open(id) {
            let mut items = self.base.with_value(|base| base.items.clone());
            list_op::apply(&mut items, &ListOp::Insert(Box::new(item.clone()), behind));
            item.position =
                item_order::find(&items, item.symbol).and_then(|at| u32::try_from(at).ok()).unwrap_or(u32::MAX);
        }
        item
    }

    fn holds_in_base(self, symbol: Symbol) -> bool {
        self.base.with_value(|base| item_order::find(&base.items, symbol).is_some())
    }
}

/// The step that puts an edited item back which another device has removed.
fn put_again(step: &ListOp) -> Option<ListOp> {
    let ListOp::Set(symbol, marks) = step else { return None };
    Some(ListOp::Add(*symbol, Box::new(marks.1.clone())))
}

fn wish(symbol: Symbol, marks: Annotations, position: Option<u32>) -> AddItem {
    let Annotations { note, flag, section } = marks;
    AddItem { symbol, note, flag, section, position }
}

/// An item as one of many.
pub(in crate::state) fn bulk(item: &WatchlistItem, position: Option<u32>) -> BulkItem {
    let Annotations { note, flag, section } = Annotations::of(item);
    BulkItem { symbol: item.symbol.to_string(), note, flag, section, position }
}

async fn pause(time: Duration) {
    let (told, waits) = oneshot::channel::<()>();
    set_timeout(move || drop(told), time);
    // The sender is dropped when the time has passed: the error is the signal.
    let _ = waits.await;
}
