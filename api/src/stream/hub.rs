//! Symbol → sessions on one worker thread.
//!
//! A round marks what is dirty for whom and wakes each of them once. A session takes its rows when its socket has room:
//! of every symbol the newest, however many rounds have passed. Nothing here waits, locks or queues; memory is bounded
//! by the subscriptions. Deliberately absent: sockets, JSON and clocks.
//!
//! A topic knows each member by its key and by the place that the symbol has among the member's own; the session knows
//! for each place the topic and its place among the topic's members. So a round touches one word and one waker a
//! member and looks nothing up, and a subscription ends without a search.

use crate::cluster::round::{Round, Update};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use slab::Slab;
use std::collections::{HashMap, HashSet};
use std::task::Waker;
use watchtape_shared::{Quote, Symbol};

/// Names a session within its hub.
pub type Key = usize;

/// The hub of one worker thread.
#[derive(Default)]
pub struct Hub {
    seq: u64,
    published_at: DateTime<Utc>,
    by_symbol: HashMap<Symbol, u32>,
    topics: Vec<Topic>,
    sessions: Slab<Session>,
    /// The topics of the frame that is being made.
    taken: Vec<u32>,
    /// What every frame of a round begins with, and the round.
    head: (u64, Vec<u8>),
    demand_changed: bool,
}

struct Topic {
    symbol: Symbol,
    last: Option<Update>,
    seq: u64,
    members: Vec<Member>,
    /// The frame of this symbol alone, for the round that it was made for.
    frame: Option<(u64, Bytes)>,
}

/// A session among a topic's members.
#[derive(Clone, Copy)]
struct Member {
    key: u32,
    place: u32,
}

/// A topic among a session's.
#[derive(Clone, Copy)]
struct Place {
    topic: u32,
    member: u32,
}

#[derive(Default)]
struct Session {
    places: Vec<Place>,
    /// A bit for each place.
    dirty: Vec<u64>,
    waker: Option<Waker>,
    /// Its waker is to be called for the next row.
    waits: bool,
    /// How many sweeps have found it with something to take that nobody came for.
    overdue: u8,
    /// It waits for its own interval to pass, not for its socket.
    resting: bool,
}

/// The rows of a frame.
pub struct Rows<'a> {
    /// What the frame begins with.
    pub head: &'a [u8],
    topics: &'a [Topic],
    taken: &'a [u32],
}

impl Rows<'_> {
    /// Each row, encoded.
    pub fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.taken.iter().filter_map(|id| self.topics[*id as usize].last.as_ref()).map(|update| &update.row)
    }
}

impl Hub {
    /// Lets a session in.
    pub fn join(&mut self) -> Key {
        self.sessions.insert(Session::default())
    }

    /// Lets a session go, with all that it subscribed.
    pub fn leave(&mut self, key: Key) {
        self.clear(key);
        self.sessions.remove(key);
    }

    /// Takes all its subscriptions from a session.
    pub fn clear(&mut self, key: Key) {
        while let Some(place) = self.sessions[key].places.len().checked_sub(1) {
            self.remove(key, place);
        }
    }

    /// Makes room for so many more symbols, and no more: most sessions subscribe once.
    pub fn reserve(&mut self, key: Key, count: usize) {
        self.sessions[key].places.reserve_exact(count);
    }

    /// Sends the symbol's changes to the session from now on. What is known up to now is for a snapshot. Only for a
    /// symbol that it has not subscribed.
    pub fn subscribe(&mut self, key: Key, symbol: Symbol) {
        let id = self.topic(symbol);
        let topic = &mut self.topics[id as usize];
        let session = &mut self.sessions[key];
        let place = session.places.len();
        session.places.push(Place { topic: id, member: topic.members.len() as u32 });
        if place / 64 == session.dirty.len() {
            session.dirty.push(0);
        }
        topic.members.push(Member { key: key as u32, place: place as u32 });
        self.demand_changed = true;
    }

    /// Sends the session only the changes of those of its symbols from now on.
    pub fn retain(&mut self, key: Key, is_wanted: impl Fn(&Symbol) -> bool) {
        // From the end: what moves into a gap has been looked at.
        for place in (0..self.sessions[key].places.len()).rev() {
            let topic = self.sessions[key].places[place].topic;
            if !is_wanted(&self.topics[topic as usize].symbol) {
                self.remove(key, place);
            }
        }
    }

    /// What the session has subscribed.
    pub fn symbols(&self, key: Key) -> HashSet<Symbol> {
        self.sessions[key].places.iter().map(|place| self.topics[place.topic as usize].symbol).collect()
    }

    /// How many sessions have subscribed each symbol, if that has changed since it was last asked for.
    pub fn take_demand(&mut self) -> Option<HashMap<Symbol, u32>> {
        std::mem::take(&mut self.demand_changed).then(|| {
            let watched = self.topics.iter().filter(|topic| !topic.members.is_empty());
            watched.map(|topic| (topic.symbol, topic.members.len() as u32)).collect()
        })
    }

    /// The last round that is in.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The last that is known of a symbol.
    pub fn quote(&self, symbol: Symbol) -> Option<&Quote> {
        let id = self.by_symbol.get(&symbol)?;
        self.topics[*id as usize].last.as_ref().map(|update| &*update.entry.quote)
    }

    /// Whether the symbol has changed since that round.
    pub fn changed_since(&self, symbol: Symbol, seq: u64) -> bool {
        self.by_symbol.get(&symbol).is_none_or(|id| self.topics[*id as usize].seq > seq)
    }

    /// Forgets every value and number: those that come belong to another epoch. Subscriptions stay.
    pub fn restart(&mut self) {
        self.seq = 0;
        self.head.1.clear();
        for topic in &mut self.topics {
            (topic.last, topic.seq, topic.frame) = (None, 0, None);
        }
        for (_, session) in &mut self.sessions {
            session.dirty.fill(0);
        }
    }

    /// Takes a round in, and wakes whom it touches. A symbol's newer values are never overwritten by older ones.
    pub fn apply(&mut self, round: &Round) {
        if round.seq > self.seq {
            self.seq = round.seq;
            self.published_at = round.published_at;
        }
        for update in &round.updates {
            let id = self.topic(update.entry.quote.symbol);
            let topic = &mut self.topics[id as usize];
            if topic.last.is_some() && topic.seq >= round.seq {
                continue;
            }
            topic.seq = round.seq;
            topic.last = Some(update.clone());
            for member in &topic.members {
                let session = &mut self.sessions[member.key as usize];
                session.dirty[member.place as usize / 64] |= 1 << (member.place % 64);
                if std::mem::take(&mut session.waits)
                    && let Some(waker) = &session.waker
                {
                    waker.wake_by_ref();
                }
            }
        }
    }

    /// Whether there is something for the session; if not, the waker is called once there is. To be asked whenever its
    /// socket has room.
    pub fn poll_dirty(&mut self, key: Key, waker: &Waker) -> bool {
        let session = &mut self.sessions[key];
        session.overdue = 0;
        session.resting = false;
        if session.dirty.iter().all(|word| *word == 0) {
            session.waits = true;
            match &session.waker {
                Some(known) if known.will_wake(waker) => {}
                _ => session.waker = Some(waker.clone()),
            }
            return false;
        }
        true
    }

    /// The session has room, and waits for its own interval to pass.
    pub fn rest(&mut self, key: Key) {
        self.sessions[key].resting = true;
    }

    /// Counts another sweep, and names the sessions that have left what is theirs lying for so many.
    pub fn sweep(&mut self, sweeps: u8) -> Vec<Key> {
        let mut overdue = Vec::new();
        for (key, session) in &mut self.sessions {
            if session.resting || session.dirty.iter().all(|word| *word == 0) {
                continue;
            }
            session.overdue = session.overdue.saturating_add(1);
            if session.overdue == sweeps {
                overdue.push(key);
            }
        }
        overdue
    }

    /// Makes a frame of the rows of what is dirty, and makes it clean. Sessions that have the same single symbol dirty
    /// share one frame, and all frames of a round the head, which `encode_head` makes of its number and of when it was
    /// published, in Unix microseconds: both are pure.
    pub fn take_frame(
        &mut self,
        key: Key,
        encode_head: impl FnOnce(u64, i64) -> Vec<u8>,
        encode: impl FnOnce(&Rows<'_>) -> Bytes,
    ) -> Bytes {
        self.taken.clear();
        let session = &mut self.sessions[key];
        for (at, word) in session.dirty.iter_mut().enumerate() {
            while *word != 0 {
                self.taken.push(session.places[at * 64 + word.trailing_zeros() as usize].topic);
                *word &= *word - 1;
            }
        }
        let alone = if let [id] = self.taken[..] { Some(id as usize) } else { None };
        if let Some(id) = alone
            && let Some((seq, frame)) = &self.topics[id].frame
            && *seq == self.seq
        {
            return frame.clone();
        }
        if self.head.0 != self.seq || self.head.1.is_empty() {
            self.head = (self.seq, encode_head(self.seq, self.published_at.timestamp_micros()));
        }
        let frame = encode(&Rows { head: &self.head.1, topics: &self.topics, taken: &self.taken });
        if let Some(id) = alone {
            self.topics[id].frame = Some((self.seq, frame.clone()));
        }
        frame
    }

    fn topic(&mut self, symbol: Symbol) -> u32 {
        *self.by_symbol.entry(symbol).or_insert_with(|| {
            self.topics.push(Topic { symbol, last: None, seq: 0, members: Vec::new(), frame: None });
            (self.topics.len() - 1) as u32
        })
    }

    /// Ends the subscription at a place. The last of the session's places and of the topic's members move into the gaps.
    fn remove(&mut self, key: Key, place: usize) {
        self.demand_changed = true;
        let session = &mut self.sessions[key];
        let gone = session.places.swap_remove(place);
        let last = session.places.len();
        let moved_bit = session.dirty[last / 64] >> (last % 64) & 1;
        session.dirty[last / 64] &= !(1 << (last % 64));
        if place != last {
            session.dirty[place / 64] &= !(1 << (place % 64));
            session.dirty[place / 64] |= moved_bit << (place % 64);
            let moved = session.places[place];
            self.topics[moved.topic as usize].members[moved.member as usize].place = place as u32;
        }
        let members = &mut self.topics[gone.topic as usize].members;
        members.swap_remove(gone.member as usize);
        if let Some(moved) = members.get(gone.member as usize) {
            self.sessions[moved.key as usize].places[moved.place as usize].member = gone.member;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::round::Entry;
    use chrono::NaiveDate;
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
        let entry = Entry { day: NaiveDate::MIN, close: None, quote: Arc::new(quote) };
        Update::new(entry).expect("a priced quote")
    }

    fn take(hub: &mut Hub, key: Key) -> Vec<(String, String)> {
        let frame = hub.take_frame(
            key,
            |_, _| Vec::new(),
            |rows| {
                let rows: Vec<&[u8]> = rows.iter().map(|row| &row[..]).collect();
                [b"[", &rows.join(&b","[..])[..], b"]"].concat().into()
            },
        );
        let rows: Vec<TickRow> = serde_json::from_slice(&frame).expect("rows");
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
        Clear(usize),
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Subscribe(s, y)),
            (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Unsubscribe(s, y)),
            (prop::collection::vec(0..5usize, 1..5), prop::bool::weighted(0.2))
                .prop_map(|(symbols, late)| Step::Round { symbols, late }),
            (0..3usize).prop_map(Step::Take),
            (0..3usize).prop_map(Step::Clear),
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
                        if wanted[s].insert(y) {
                            hub.subscribe(keys[s], symbol(y));
                        }
                    }
                    Step::Unsubscribe(s, y) => {
                        hub.retain(keys[s], |held| *held != symbol(y));
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
                    Step::Clear(s) => {
                        hub.clear(keys[s]);
                        wanted[s].clear();
                        pending[s].clear();
                    }
                    Step::Take(s) => {
                        let got = take(&mut hub, keys[s]);
                        let expected: HashSet<(String, String)> =
                            pending[s].drain().map(|y| (SYMBOLS[y].to_owned(), newest[&y].clone())).collect();
                        prop_assert_eq!(got.len(), expected.len());
                        prop_assert_eq!(got.into_iter().collect::<HashSet<_>>(), expected);
                    }
                }
                for s in 0..3 {
                    let expected: HashSet<Symbol> = wanted[s].iter().map(|y| symbol(*y)).collect();
                    prop_assert_eq!(hub.symbols(keys[s]), expected);
                }
                let demand = hub.topics.iter().map(|topic| topic.members.len()).sum::<usize>();
                prop_assert_eq!(demand, wanted.iter().map(HashSet::len).sum::<usize>());
            }
        }
    }

    #[test]
    fn whoever_leaves_its_rows_lying_is_named_once_and_a_resting_one_is_not() {
        let mut hub = Hub::default();
        let [jammed, resting, reading] = [hub.join(), hub.join(), hub.join()];
        for key in [jammed, resting, reading] {
            hub.subscribe(key, symbol(0));
        }
        hub.apply(&Round { seq: 1, published_at: DateTime::UNIX_EPOCH, updates: vec![update(0, 1)] });
        hub.rest(resting);
        let mut named = Vec::new();
        for _ in 0..5 {
            assert!(hub.poll_dirty(reading, Waker::noop()));
            named.push(hub.sweep(3));
        }
        assert_eq!(named, [vec![], vec![], vec![jammed], vec![], vec![]]);
    }
}
