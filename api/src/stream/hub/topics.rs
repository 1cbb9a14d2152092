//! Topics: one for each symbol, with its newest row and its subscribers.

use crate::cluster::encoded_row::EncodedRow;
use bytes::Bytes;
use std::collections::HashMap;
use std::ops::{Index, IndexMut};
use watchtape_shared::Symbol;

/// A topic's position among the topics.
pub(super) type TopicId = u32;

/// A symbol, its newest row and its subscribers.
pub(super) struct Topic {
    pub(super) symbol: Symbol,
    /// The newest update, and the sequence of its round.
    pub(super) last: Option<EncodedRow>,
    pub(super) seq: u64,
    pub(super) subscribers: Vec<SubscriberRef>,
    /// The frame with this row alone, and the sequence that it was encoded for.
    pub(super) frame: Option<(u64, Bytes)>,
}

/// A subscriber of a topic: the connection's key, and the position of this topic among its subscriptions.
#[derive(Clone, Copy)]
pub(super) struct SubscriberRef {
    pub(super) key: u32,
    pub(super) position: u32,
}

/// All topics that were ever subscribed or published. None is removed.
#[derive(Default)]
pub(super) struct Topics {
    by_symbol: HashMap<Symbol, TopicId>,
    topics: Vec<Topic>,
}

impl Topics {
    /// The topic of a symbol, created if there is none.
    pub(super) fn find_or_create(&mut self, symbol: Symbol) -> TopicId {
        *self.by_symbol.entry(symbol).or_insert_with(|| {
            self.topics.push(Topic { symbol, last: None, seq: 0, subscribers: Vec::new(), frame: None });
            (self.topics.len() - 1) as TopicId
        })
    }

    pub(super) fn get(&self, symbol: Symbol) -> Option<&Topic> {
        self.by_symbol.get(&symbol).map(|id| &self[*id])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Topic> {
        self.topics.iter()
    }

    /// Drops all values and sequences. Subscribers stay.
    pub(super) fn reset(&mut self) {
        for topic in &mut self.topics {
            (topic.last, topic.seq, topic.frame) = (None, 0, None);
        }
    }
}

impl Index<TopicId> for Topics {
    type Output = Topic;

    fn index(&self, id: TopicId) -> &Topic {
        &self.topics[id as usize]
    }
}

impl IndexMut<TopicId> for Topics {
    fn index_mut(&mut self, id: TopicId) -> &mut Topic {
        &mut self.topics[id as usize]
    }
}
