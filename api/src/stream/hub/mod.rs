//! Publish/subscribe on one worker thread: symbol → connections, with the newest row of each symbol.
//!
//! `apply` marks the subscriptions of a round's symbols dirty and wakes each waiting connection once. A connection takes
//! one frame when its socket has room: the newest row of each dirty symbol, however many rounds have passed. Nothing here
//! waits, locks or queues, and memory is bounded by the subscriptions. Deliberately absent: sockets, JSON and clocks.
//!
//! Each topic (one symbol) lists its subscribers as (connection key, position in that connection's `subscriptions`);
//! each entry there points back. So `apply` sets one bit for each subscriber without a look-up, and a subscription ends
//! without a search.

mod subscriber;
mod topics;

#[cfg(test)]
mod properties;

use crate::cluster::round::Round;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use slab::Slab;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::task::Waker;
use subscriber::{Subscriber, Subscription};
use topics::{SubscriberRef, TopicId, Topics};
use watchtape_shared::stream::GapReason;
use watchtape_shared::{Quote, Symbol};

/// Identifies a connection within its hub. Keys of closed connections are used again.
pub type ConnectionKey = usize;

/// The hub of one worker thread.
#[derive(Default)]
pub struct Hub {
    epoch: Arc<str>,
    term: u64,
    /// Why the epoch began.
    reason: GapReason,
    seq: u64,
    published_at: DateTime<Utc>,
    topics: Topics,
    subscribers: Slab<Subscriber>,
    /// The topics of the frame that is being encoded; kept for its allocation.
    frame_topics: Vec<TopicId>,
    /// What every frame of a round begins with, and the sequence of that round.
    prefix: (u64, Vec<u8>),
    demand_changed: bool,
    counts: Counts,
}

/// What has happened since it was last counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Subscriptions that began, less those that ended.
    pub subscriptions: i64,
    /// Values that a newer one has replaced before they were sent.
    pub conflated: u64,
}

/// Where a round stands among all rounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The epoch of `seq`.
    pub epoch: Arc<str>,
    /// The term of the node that published it.
    pub term: u64,
    /// Its sequence number.
    pub seq: u64,
}

/// The rows of a frame.
pub struct Rows<'a> {
    /// What the frame begins with.
    pub prefix: &'a [u8],
    topics: &'a Topics,
    frame_topics: &'a [TopicId],
}

impl Rows<'_> {
    /// Each row, encoded.
    pub fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.frame_topics.iter().filter_map(|id| self.topics[*id].last.as_ref()).map(|update| &update.row)
    }
}

impl Hub {
    /// Adds a connection without subscriptions.
    pub fn add_connection(&mut self) -> ConnectionKey {
        self.subscribers.insert(Subscriber::default())
    }

    /// Removes a connection and its subscriptions.
    pub fn remove_connection(&mut self, key: ConnectionKey) {
        self.unsubscribe_all(key);
        self.subscribers.remove(key);
    }

    /// Ends all subscriptions of a connection.
    pub fn unsubscribe_all(&mut self, key: ConnectionKey) {
        while let Some(position) = self.subscribers[key].subscriptions.len().checked_sub(1) {
            self.unsubscribe(key, position);
        }
    }

    /// Reserves memory for exactly `additional` more subscriptions: most connections subscribe once.
    pub fn reserve(&mut self, key: ConnectionKey, additional: usize) {
        self.subscribers[key].subscriptions.reserve_exact(additional);
    }

    /// Subscribes the connection to changes of a symbol from now on; the value up to now is for a snapshot. The symbol
    /// must not be subscribed by it yet.
    pub fn subscribe(&mut self, key: ConnectionKey, symbol: Symbol) {
        let id = self.topics.find_or_create(symbol);
        let subscribers = &mut self.topics[id].subscribers;
        let position = self.subscribers[key].push(Subscription { topic: id, position: subscribers.len() as u32 });
        subscribers.push(SubscriberRef { key: key as u32, position });
        self.counts.subscriptions += 1;
        self.demand_changed = true;
    }

    /// Ends the connection's subscriptions of all symbols that are not wanted.
    pub fn retain(&mut self, key: ConnectionKey, is_wanted: impl Fn(&Symbol) -> bool) {
        // From the end: the subscription that moves into a gap has been checked already.
        for position in (0..self.subscribers[key].subscriptions.len()).rev() {
            let topic = self.subscribers[key].subscriptions[position].topic;
            if !is_wanted(&self.topics[topic].symbol) {
                self.unsubscribe(key, position);
            }
        }
    }

    /// The symbols that the connection has subscribed.
    pub fn symbols(&self, key: ConnectionKey) -> HashSet<Symbol> {
        self.subscribers[key].subscriptions.iter().map(|entry| self.topics[entry.topic].symbol).collect()
    }

    /// The number of subscribers of each symbol that has any; `None` if it has not changed since the last call.
    pub fn take_demand(&mut self) -> Option<HashMap<Symbol, u32>> {
        std::mem::take(&mut self.demand_changed).then(|| {
            let subscribed = self.topics.iter().filter(|topic| !topic.subscribers.is_empty());
            subscribed.map(|topic| (topic.symbol, topic.subscribers.len() as u32)).collect()
        })
    }

    /// What has happened since the last call.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    /// Where the newest round stands that was applied.
    pub fn position(&self) -> Position {
        Position { epoch: self.epoch.clone(), term: self.term, seq: self.seq }
    }

    /// Why the epoch of all values began.
    pub fn reason(&self) -> GapReason {
        self.reason
    }

    /// The epoch of all values.
    pub fn epoch(&self) -> &Arc<str> {
        &self.epoch
    }

    /// The newest quote of a symbol.
    pub fn quote(&self, symbol: Symbol) -> Option<&Quote> {
        self.topics.get(symbol)?.last.as_ref().map(|update| &*update.entry.quote)
    }

    /// Whether the symbol has changed since the round of this sequence; true for a symbol without a topic.
    pub fn changed_since(&self, symbol: Symbol, seq: u64) -> bool {
        self.topics.get(symbol).is_none_or(|topic| topic.seq > seq)
    }

    /// Drops all values and sequences, as a new epoch begins. Subscriptions stay.
    pub fn begin_epoch(&mut self, epoch: Arc<str>, reason: GapReason) {
        (self.epoch, self.reason, self.term, self.seq) = (epoch, reason, 0, 0);
        self.prefix.1.clear();
        self.topics.reset();
        for (_, subscriber) in &mut self.subscribers {
            subscriber.clear_dirty();
        }
    }

    /// Applies a round, and wakes the subscribers of its symbols. A symbol's value is never overwritten by that of an
    /// older round; a round of another epoch is ignored.
    pub fn apply(&mut self, round: &Round) {
        if round.epoch != self.epoch {
            return;
        }
        if round.seq > self.seq {
            self.seq = round.seq;
            self.term = round.term;
            self.published_at = round.published_at;
        }
        for update in &round.updates {
            let id = self.topics.find_or_create(update.entry.quote.symbol);
            let topic = &mut self.topics[id];
            if topic.last.is_some() && topic.seq >= round.seq {
                continue;
            }
            topic.seq = round.seq;
            topic.last = Some(update.clone());
            for subscriber in &topic.subscribers {
                let was_dirty = self.subscribers[subscriber.key as usize].mark_dirty(subscriber.position);
                self.counts.conflated += u64::from(was_dirty);
            }
        }
    }

    /// Whether the connection has unsent rows; if not, its waker is called at the next one. To be called whenever the
    /// socket has room.
    pub fn poll_dirty(&mut self, key: ConnectionKey, waker: &Waker) -> bool {
        let subscriber = &mut self.subscribers[key];
        subscriber.missed_checks = 0;
        subscriber.is_paced = false;
        let is_dirty = subscriber.is_dirty();
        if !is_dirty {
            subscriber.wait(waker);
        }
        is_dirty
    }

    /// Notes that the connection's socket has room and that it waits for its own interval: it is not slow.
    pub fn set_paced(&mut self, key: ConnectionKey) {
        self.subscribers[key].is_paced = true;
    }

    /// Counts one check for each connection, and returns those that have had unsent rows, and no poll, for `checks` of
    /// them. Each is returned once.
    pub fn find_slow(&mut self, checks: u8) -> Vec<ConnectionKey> {
        let mut slow = Vec::new();
        for (key, subscriber) in &mut self.subscribers {
            if subscriber.is_paced || !subscriber.is_dirty() {
                continue;
            }
            subscriber.missed_checks = subscriber.missed_checks.saturating_add(1);
            if subscriber.missed_checks == checks {
                slow.push(key);
            }
        }
        slow
    }

    /// Encodes the unsent rows of a connection as one frame, and marks them sent. Connections with the same single
    /// unsent symbol share a frame, and all frames of a round its prefix, so both functions must be pure. `encode_prefix`
    /// gets the place of the round and its time in Unix microseconds.
    pub fn take_frame(
        &mut self,
        key: ConnectionKey,
        encode_prefix: impl FnOnce(&Position, i64) -> Vec<u8>,
        encode: impl FnOnce(&Rows<'_>) -> Bytes,
    ) -> Bytes {
        self.frame_topics.clear();
        self.subscribers[key].take_dirty(&mut self.frame_topics);
        let single = if let [id] = self.frame_topics[..] { Some(id) } else { None };
        if let Some(id) = single
            && let Some((seq, frame)) = &self.topics[id].frame
            && *seq == self.seq
        {
            return frame.clone();
        }
        if self.prefix.0 != self.seq || self.prefix.1.is_empty() {
            self.prefix = (self.seq, encode_prefix(&self.position(), self.published_at.timestamp_micros()));
        }
        let frame = encode(&Rows { prefix: &self.prefix.1, topics: &self.topics, frame_topics: &self.frame_topics });
        if let Some(id) = single {
            self.topics[id].frame = Some((self.seq, frame.clone()));
        }
        frame
    }

    /// Ends the subscription at a position. In both lists the last entry moves into the gap, and its counterpart is
    /// corrected.
    fn unsubscribe(&mut self, key: ConnectionKey, position: usize) {
        self.demand_changed = true;
        self.counts.subscriptions -= 1;
        let (removed, moved) = self.subscribers[key].swap_remove(position);
        if let Some(moved) = moved {
            self.topics[moved.topic].subscribers[moved.position as usize].position = position as u32;
        }
        let subscribers = &mut self.topics[removed.topic].subscribers;
        subscribers.swap_remove(removed.position as usize);
        if let Some(moved) = subscribers.get(removed.position as usize) {
            self.subscribers[moved.key as usize].subscriptions[moved.position as usize].position = removed.position;
        }
    }
}
