//! The way of changes to the server: one at a time and in order, so that none overtakes another. While this device has
//! no network they wait; what the server refuses is taken back from the screen, and said.
//!
//! A place or an edit is sent for the version it was worked out for. Where another device was faster, the list is read
//! anew and the step worked out again on that.

use super::OpenList;
use super::list_op::ListOp;
use super::pending_change::PendingChange;
use crate::api::Failure;
use crate::state::shell::toasts::ToastAction;
use crate::texts;
use futures::channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::WatchlistId;

/// How long to wait, and how often, where the server asks for patience.
const PATIENCE: Duration = Duration::from_secs(5);
const WAITS: u32 = 24;

impl OpenList {
    /// Sends what waits, unless that is being done already.
    pub(super) fn send(self) {
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

    pub(super) fn note_unsent(self) {
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
}

async fn pause(time: Duration) {
    let (told, waits) = oneshot::channel::<()>();
    set_timeout(move || drop(told), time);
    // The sender is dropped when the time has passed: the error is the signal.
    let _ = waits.await;
}

/// The step that puts an edited item back which another device has removed.
fn put_again(step: &ListOp) -> Option<ListOp> {
    let ListOp::Set(symbol, marks) = step else { return None };
    Some(ListOp::Add(*symbol, Box::new(marks.1.clone())))
}
