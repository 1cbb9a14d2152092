//! The queue of changes to the server: one request at a time, in order. Changes wait while the device is offline or the
//! server is away, and for the person who made them if their session has ended; one that the server refuses is taken back
//! on screen, with a toast.

use super::OpenList;
use super::list_op::ListOp;
use super::pending_change::PendingChange;
use crate::api::{Failure, IdempotencyKey};
use crate::state::shell::toasts::ToastAction;
use crate::texts;
use crate::view::pause::pause;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use std::time::Duration;
use watchtape_shared::WatchlistId;

/// How long to wait after a 429, and how often.
const RATE_LIMIT_WAIT: Duration = Duration::from_secs(5);
/// How long to wait for a server that is away, if the stream does not say earlier that it is back.
const ABSENCE_WAIT: Duration = Duration::from_secs(2);
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
            while let Some((undo_id, id, ops, key)) = self.first() {
                self.connection.reachable().await;
                match self.send_next(&id, &ops, undo_id, &key).await {
                    Ok(sent) => {
                        waits = 0;
                        self.confirm(&id, sent.instead.as_deref().unwrap_or(&ops[..sent.ops]), sent.version);
                        self.drop_ops(undo_id, sent.ops);
                    }
                    // It waits for the person who made it.
                    Err(Failure::SignedOut) => break,
                    // The server is away, as while it is started again; the stream may not have noticed yet.
                    Err(failure) if failure.is_absence() && (self.connection.has_lost() || waits < MAX_WAITS) => {
                        waits += 1;
                        self.connection.restored_within(ABSENCE_WAIT).await;
                    }
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

    /// The first change, with the key of its next request: the same one as long as that is not answered.
    fn first(self) -> Option<(u32, WatchlistId, Vec<ListOp>, IdempotencyKey)> {
        self.queue.with_value(|queue| {
            let first = queue.front()?;
            Some((first.undo_id, first.list.clone(), first.ops.clone(), first.key.part(first.ops.len())))
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

    /// The lists that changes in the queue belong to.
    pub(in crate::state) fn lists_with_unsent_changes(self) -> Vec<WatchlistId> {
        self.queue.with_value(|queue| queue.iter().map(|pending| pending.list.clone()).collect())
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
        let PendingChange { undo_id, list, ops, attempt, key } = pending;
        let text = attempt.clone();
        let again = move |ops: Vec<ListOp>, key: IdempotencyKey| {
            let (list, attempt) = (list.clone(), attempt.clone());
            let act: ToastAction = Arc::new(move || {
                let (list, ops, attempt, key) = (list.clone(), ops.clone(), attempt.clone(), key.clone());
                self.queue.update_value(|queue| queue.push_back(PendingChange { undo_id, list, ops, attempt, key }));
                self.recompute();
                self.send();
            });
            act
        };
        let action = match gone {
            Some(op) => Some((texts::changes::put_back(), again(vec![op], IdempotencyKey::new()))),
            None if can_retry => Some((texts::changes::try_again(), again(ops, key))),
            None => {
                self.undo.forget(undo_id);
                None
            }
        };
        self.toasts.fail_with(&text, failure, action);
    }
}

/// The operation that adds an edited item again which another device removed.
fn add_again(op: &ListOp) -> Option<ListOp> {
    let ListOp::Set(symbol, annotations) = op else { return None };
    Some(ListOp::Add(*symbol, Box::new(annotations.1.clone())))
}
