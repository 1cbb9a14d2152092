//! Symbol → sessions on one worker thread.
//!
//! A round marks what is dirty for whom and wakes each of them once. A session takes its rows when its socket has room:
//! of every symbol the newest, however many rounds have passed. Nothing here waits, locks or queues; memory is bounded
//! by the subscriptions. Deliberately absent: sockets, JSON and clocks.

use super::round::{Round, Update};
use bytes::{BufMut, BytesMut};
use chrono::{DateTime, Utc};
use indexmap::IndexSet;
use slab::Slab;
use std::collections::HashMap;
use std::task::Waker;
use watchtape_shared::{Quote, Symbol};

/// Names a session within its hub.
pub type Key = usize;

/// The hub of one worker thread.
#[derive(Default)]
pub struct Hub {
    seq: u64,
    published_at: DateTime<Utc>,
    topics: HashMap<Symbol, Topic>,
    sessions: Slab<Session>,
}

#[derive(Default)]
struct Topic {
    last: Option<Update>,
    seq: u64,
    members: IndexSet<Key>,
}

#[derive(Default)]
struct Session {
    symbols: IndexSet<Symbol>,
    dirty: IndexSet<Symbol>,
    waker: Option<Waker>,
}

impl Hub {
    /// Lets a session in.
    pub fn join(&mut self) -> Key {
        self.sessions.insert(Session::default())
    }

    /// Lets a session go, with all that it subscribed.
    pub fn leave(&mut self, key: Key) {
        for symbol in self.sessions.remove(key).symbols {
            if let Some(topic) = self.topics.get_mut(&symbol) {
                topic.members.swap_remove(&key);
            }
        }
    }

    /// Sends the symbol's changes to the session from now on. What is known up to now is for a snapshot.
    pub fn subscribe(&mut self, key: Key, symbol: Symbol) {
        self.sessions[key].symbols.insert(symbol);
        self.topics.entry(symbol).or_default().members.insert(key);
    }

    /// Sends the symbol's changes to the session no longer.
    pub fn unsubscribe(&mut self, key: Key, symbol: Symbol) {
        if let Some(topic) = self.topics.get_mut(&symbol) {
            topic.members.swap_remove(&key);
        }
        self.sessions[key].symbols.swap_remove(&symbol);
        self.sessions[key].dirty.swap_remove(&symbol);
    }

    /// What the session has subscribed.
    pub fn symbols(&self, key: Key) -> &IndexSet<Symbol> {
        &self.sessions[key].symbols
    }

    /// The last round that is in.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The last that is known of a symbol.
    pub fn quote(&self, symbol: Symbol) -> Option<&Quote> {
        self.topics.get(&symbol)?.last.as_ref().map(|update| &*update.quote)
    }

    /// Whether the symbol has changed since that round.
    pub fn changed_since(&self, symbol: Symbol, seq: u64) -> bool {
        self.topics.get(&symbol).is_none_or(|topic| topic.seq > seq)
    }

    /// Takes a round in, and wakes whom it touches. A symbol's newer values are never overwritten by older ones.
    pub fn apply(&mut self, round: &Round) {
        if round.seq > self.seq {
            self.seq = round.seq;
            self.published_at = round.published_at;
        }
        for update in &round.updates {
            let topic = self.topics.entry(update.quote.symbol).or_default();
            if topic.last.is_some() && topic.seq >= round.seq {
                continue;
            }
            topic.seq = round.seq;
            topic.last = Some(update.clone());
            for key in &topic.members {
                let session = &mut self.sessions[*key];
                session.dirty.insert(update.quote.symbol);
                if let Some(waker) = session.waker.take() {
                    waker.wake();
                }
            }
        }
    }

    /// Whether there is something for the session; if not, the waker is called once there is.
    pub fn poll_dirty(&mut self, key: Key, waker: &Waker) -> bool {
        let session = &mut self.sessions[key];
        if session.dirty.is_empty() {
            match &session.waker {
                Some(known) if known.will_wake(waker) => {}
                _ => session.waker = Some(waker.clone()),
            }
            return false;
        }
        true
    }

    /// Writes the rows of what is dirty, separated by commas, and makes it clean. Gives the round that the rows are
    /// current with and when that was published.
    pub fn take_rows(&mut self, key: Key, out: &mut BytesMut, write_head: impl FnOnce(&mut BytesMut, u64, i64)) {
        write_head(out, self.seq, self.published_at.timestamp_micros());
        let mut first = true;
        for symbol in self.sessions[key].dirty.drain(..) {
            let Some(update) = self.topics.get(&symbol).and_then(|topic| topic.last.as_ref()) else { continue };
            if !std::mem::take(&mut first) {
                out.put_u8(b',');
            }
            out.extend_from_slice(&update.row);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{HashMap, HashSet};
    use std::sync::Arc;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::stream::TickRow;
    use watchtape_shared::{Currency, Price};

    const SYMBOLS: [&str; 5] = ["A", "B", "C", "D", "E"];

    fn symbol(index: usize) -> Symbol {
        Symbol::parse(SYMBOLS[index]).expect("a symbol")
    }

    fn update(index: usize, micros: i64) -> Update {
        let quote = Quote {
            symbol: symbol(index),
            price: Price::from_micros(micros),
            currency: Currency::USD,
            previous_close: None,
            open: None,
            high: None,
            low: None,
            volume: None,
            as_of: DateTime::from_timestamp_millis(micros),
            source: "test".to_owned(),
            mode: Mode::Simulated,
            stale: false,
            reason: None,
        };
        Update::new(Arc::new(quote)).expect("a priced quote")
    }

    fn take(hub: &mut Hub, key: Key) -> Vec<(String, String)> {
        let mut out = BytesMut::from("[");
        hub.take_rows(key, &mut out, |_, _, _| ());
        out.put_u8(b']');
        let rows: Vec<TickRow> = serde_json::from_slice(&out).expect("rows");
        rows.into_iter().map(|row| (row.symbol.to_string(), row.price.to_string())).collect()
    }

    #[derive(Clone, Debug)]
    enum Step {
        Subscribe(usize, usize),
        Unsubscribe(usize, usize),
        /// A round of these symbols; its number is the counter's, or that of a round long gone.
        Round {
            symbols: Vec<usize>,
            late: bool,
        },
        Take(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Subscribe(s, y)),
            (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Unsubscribe(s, y)),
            (prop::collection::vec(0..5usize, 1..5), prop::bool::weighted(0.2))
                .prop_map(|(symbols, late)| Step::Round { symbols, late }),
            (0..3usize).prop_map(Step::Take),
        ]
    }

    proptest! {
        /// Whatever happens in whatever order, a session gets the newest value of just those of its symbols that have
        /// changed since it took the last, each once.
        #[test]
        fn every_session_sees_the_newest_value_of_what_changed(steps in prop::collection::vec(step(), 1..80)) {
            let mut hub = Hub::default();
            let keys: Vec<Key> = (0..3).map(|_| hub.join()).collect();
            let mut wanted: Vec<HashSet<usize>> = vec![HashSet::new(); 3];
            let mut pending: Vec<HashSet<usize>> = vec![HashSet::new(); 3];
            let mut newest: HashMap<usize, String> = HashMap::new();
            let mut seq = 100;
            for step in steps {
                match step {
                    Step::Subscribe(s, y) => {
                        hub.subscribe(keys[s], symbol(y));
                        wanted[s].insert(y);
                    }
                    Step::Unsubscribe(s, y) => {
                        hub.unsubscribe(keys[s], symbol(y));
                        wanted[s].remove(&y);
                        pending[s].remove(&y);
                    }
                    Step::Round { symbols, late } => {
                        let symbols: HashSet<usize> = symbols.into_iter().collect();
                        let number = if late { 1 } else { seq += 1; seq };
                        let price = 1_000_000 * i64::try_from(number).expect("small");
                        let updates = symbols.iter().map(|y| update(*y, price)).collect();
                        hub.apply(&Round { seq: number, published_at: DateTime::UNIX_EPOCH, updates });
                        for y in symbols {
                            if late && newest.contains_key(&y) {
                                continue;
                            }
                            newest.insert(y, format!("{number}.00"));
                            for s in 0..3 {
                                if wanted[s].contains(&y) {
                                    pending[s].insert(y);
                                }
                            }
                        }
                    }
                    Step::Take(s) => {
                        let got = take(&mut hub, keys[s]);
                        let expected: HashSet<(String, String)> =
                            pending[s].drain().map(|y| (SYMBOLS[y].to_owned(), newest[&y].clone())).collect();
                        prop_assert_eq!(got.len(), expected.len());
                        prop_assert_eq!(got.into_iter().collect::<HashSet<_>>(), expected);
                    }
                }
            }
        }
    }
}
