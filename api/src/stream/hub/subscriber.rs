//! A connection in the hub: its subscriptions, which of them are dirty, and how to wake it.

use super::topics::TopicId;
use std::task::Waker;

/// A connection's subscriptions and its unsent changes.
#[derive(Default)]
pub(super) struct Subscriber {
    pub(super) subscriptions: Vec<Subscription>,
    /// One bit for each subscription: its topic has a row that was not sent.
    dirty: Vec<u64>,
    waker: Option<Waker>,
    /// Call the waker at the next row.
    is_waiting: bool,
    /// How many checks in a row have found unsent rows without a poll in between.
    pub(super) missed_checks: u8,
    /// The socket has room; the connection waits for its own interval.
    pub(super) is_paced: bool,
}

/// A subscription: the topic, and the position of the connection among that topic's subscribers.
#[derive(Clone, Copy)]
pub(super) struct Subscription {
    pub(super) topic: TopicId,
    pub(super) position: u32,
}

impl Subscriber {
    /// Adds a subscription, clean. Returns its position.
    pub(super) fn push(&mut self, subscription: Subscription) -> u32 {
        let position = self.subscriptions.len();
        self.subscriptions.push(subscription);
        if position / 64 == self.dirty.len() {
            self.dirty.push(0);
        }
        position as u32
    }

    /// Removes the subscription at a position. The last one takes its position, and is returned second.
    pub(super) fn swap_remove(&mut self, position: usize) -> (Subscription, Option<Subscription>) {
        let removed = self.subscriptions.swap_remove(position);
        let last = self.subscriptions.len();
        let moved_bit = self.dirty[last / 64] >> (last % 64) & 1;
        self.dirty[last / 64] &= !(1 << (last % 64));
        if position == last {
            return (removed, None);
        }
        self.dirty[position / 64] &= !(1 << (position % 64));
        self.dirty[position / 64] |= moved_bit << (position % 64);
        (removed, Some(self.subscriptions[position]))
    }

    /// Marks the subscription at a position dirty, and wakes the connection if it waits. Returns whether it was dirty.
    #[inline]
    pub(super) fn mark_dirty(&mut self, position: u32) -> bool {
        let (word, bit) = (&mut self.dirty[position as usize / 64], 1 << (position % 64));
        let was_dirty = *word & bit != 0;
        *word |= bit;
        if std::mem::take(&mut self.is_waiting)
            && let Some(waker) = &self.waker
        {
            waker.wake_by_ref();
        }
        was_dirty
    }

    pub(super) fn is_dirty(&self) -> bool {
        self.dirty.iter().any(|word| *word != 0)
    }

    pub(super) fn clear_dirty(&mut self) {
        self.dirty.fill(0);
    }

    /// Appends the topics of the dirty subscriptions to `topics`, and marks them clean.
    pub(super) fn take_dirty(&mut self, topics: &mut Vec<TopicId>) {
        for (at, word) in self.dirty.iter_mut().enumerate() {
            while *word != 0 {
                topics.push(self.subscriptions[at * 64 + word.trailing_zeros() as usize].topic);
                *word &= *word - 1;
            }
        }
    }

    /// Has the waker called at the next row.
    pub(super) fn wait(&mut self, waker: &Waker) {
        self.is_waiting = true;
        match &self.waker {
            Some(known) if known.will_wake(waker) => {}
            _ => self.waker = Some(waker.clone()),
        }
    }
}
