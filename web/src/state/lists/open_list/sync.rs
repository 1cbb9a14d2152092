//! The queue of changes to the server: one request at a time, in order. Changes wait while the device is offline; one
//! that the server refuses is taken back on screen, with a toast.

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

/// How long to wait after a 429, and how often.
const RATE_LIMIT_WAIT: Duration = Duration::from_secs(5);
const MAX_WAITS: u32 = 24;

impl OpenList {
    /// Sends the queue, unless that is under way.
    pub(super) fn send(self) {
        self.note_unsent();
        if self.is_sending.get_value() {
            return;
        }
        self.is_sending.set_value(true);
        spawn_local(async move {
            let mut waits = 0;
            while let Some((undo_id, id, ops)) = self.first() {
                self.connection.reachable().await;
                match self.send_next(&id, &ops, undo_id).await {
                    Ok(sent) => {
                        waits = 0;
                        self.confirm(&id, sent.instead.as_deref().unwrap_or(&ops[..sent.ops]), sent.version);
                        self.drop_ops(undo_id, sent.ops);
                    }
                    // The network was lost before the browser noticed: try again once it is back.
                    Err(Failure::Unreachable) if self.connection.is_offline() => {}
                    Err(failure) if failure.status() == Some(429) && waits < MAX_WAITS => {
                        waits += 1;
                        pause(RATE_LIMIT_WAIT).await;
                    }
                    Err(failure) => self.give_up(undo_id, &failure),
                }
            }
            self.is_sending.set_value(false);
        });
    }

    fn first(self) -> Option<(u32, WatchlistId, Vec<ListOp>)> {
        self.queue.with_value(|queue| {
            let first = queue.front()?;
            Some((first.undo_id, first.list.clone(), first.ops.clone()))
        })
    }

    /// Removes operations that were carried out from the first change, if it is still the first: the session may have
    /// ended.
    fn drop_ops(self, undo_id: u32, count: usize) {
        self.queue.update_value(|queue| {
            let Some(first) = queue.front_mut().filter(|first| first.undo_id == undo_id) else { return };
            first.ops.drain(..count.min(first.ops.len()));
            if first.ops.is_empty() {
                queue.pop_front();
            }
        });
        self.note_unsent();
        self.recompute();
    }

    pub(super) fn note_unsent(self) {
        self.unsent.set(self.queue.with_value(|queue| queue.len()));
    }

    /// Removes a change that failed, and offers to try again where that may help.
    fn give_up(self, undo_id: u32, failure: &Failure) {
        let first = self.queue.try_update_value(|queue| {
            queue.front().is_some_and(|first| first.undo_id == undo_id).then(|| queue.pop_front()).flatten()
        });
        let Some(pending) = first.flatten() else { return };
        self.note_unsent();
        self.recompute();
        if *failure == Failure::TimedOut && self.is_open(&pending.list) {
            // It may have been carried out all the same.
            self.open(pending.list.clone());
        }
        let can_retry = failure.status().is_none_or(|status| status >= 500 || status == 429);
        let gone = pending.ops.iter().find_map(add_again).filter(|_| failure.status() == Some(404));
        let PendingChange { undo_id, list, ops, attempt } = pending;
        let text = attempt.clone();
        let again = move |ops: Vec<ListOp>| {
            let (list, attempt) = (list.clone(), attempt.clone());
            let act: ToastAction = Arc::new(move || {
                let (list, ops, attempt) = (list.clone(), ops.clone(), attempt.clone());
                self.queue.update_value(|queue| queue.push_back(PendingChange { undo_id, list, ops, attempt }));
                self.recompute();
                self.send();
            });
            act
        };
        let action = match gone {
            Some(op) => Some((texts::changes::put_back(), again(vec![op]))),
            None if can_retry => Some((texts::changes::try_again(), again(ops))),
            None => {
                self.undo.forget(undo_id);
                None
            }
        };
        self.toasts.fail_with(&text, failure, action);
    }
}

async fn pause(time: Duration) {
    let (sender, receiver) = oneshot::channel::<()>();
    set_timeout(move || drop(sender), time);
    // The sender is dropped when the time has passed: the error is the signal.
    let _ = receiver.await;
}

/// The operation that adds an edited item again which another device removed.
fn add_again(op: &ListOp) -> Option<ListOp> {
    let ListOp::Set(symbol, annotations) = op else { return None };
    Some(ListOp::Add(*symbol, Box::new(annotations.1.clone())))
}
