//! Prices on their way from the feed to the evaluator: a bounded queue, which the feed never waits for.
//!
//! Where the evaluation is behind by the bound, the prices of a symbol are merged into the lowest, the highest and the last: no
//! level that they passed is missed, and the memory is bounded by the catalogue.

use super::evaluator::Value;
use crate::clock;
use crate::cluster::Node;
use crate::cluster::entry::Entry;
use crate::feed::price_publisher::FeedEvent;
use crate::feed::provider::Tick;
use crate::telemetry::metrics::Metrics;
use chrono::{DateTime, Utc};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, watch};
use watchtape_shared::Symbol;

/// Prices that wait before those of a symbol are merged.
const CAPACITY: usize = 65_536;

/// The prices that wait.
pub struct Inbox {
    queue: Mutex<Queue>,
    ready: Notify,
    /// The term that runs on this node.
    term: watch::Sender<Option<u64>>,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Queue {
    terms: u64,
    is_running: bool,
    values: VecDeque<Value>,
    /// By symbol, and whether of extended hours.
    merged: HashMap<(Symbol, bool), Merged>,
}

/// Prices of a symbol that were merged; each of the three in the order in which they came.
struct Merged {
    low: (u64, Value),
    high: (u64, Value),
    last: (u64, Value),
    count: u64,
}

impl Merged {
    fn of(value: Value) -> Self {
        Self { low: (0, value.clone()), high: (0, value.clone()), last: (0, value), count: 1 }
    }

    fn add(&mut self, value: Value) {
        let number = self.count;
        self.count += 1;
        if value.price < self.low.1.price {
            self.low = (number, value.clone());
        }
        if value.price > self.high.1.price {
            self.high = (number, value.clone());
        }
        self.last = (number, value);
    }

    fn into_values(self) -> impl Iterator<Item = Value> {
        let mut all = [self.low, self.high, self.last];
        all.sort_by_key(|(number, _)| *number);
        let mut all = Vec::from(all);
        all.dedup_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, value)| value)
    }
}

impl Inbox {
    /// An inbox of a node that does not run the feed.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        Self { queue: Mutex::default(), ready: Notify::new(), term: watch::channel(None).0, metrics }
    }

    /// Takes what the feed tells.
    pub fn take_event(&self, event: FeedEvent<'_>, now: DateTime<Utc>) {
        match event {
            FeedEvent::TermBegan(entries) => {
                let mut queue = self.lock();
                queue.terms += 1;
                (queue.is_running, queue.values) =
                    (true, entries.iter().filter_map(|entry| known(entry, now)).collect());
                queue.merged.clear();
                let term = queue.terms;
                drop(queue);
                self.term.send_replace(Some(term));
            }
            FeedEvent::Accepted(tick, entry, at) => {
                // Such a trade is the last price, and no price that an alert is about.
                if !tick.is_last_only {
                    self.push(new(tick, entry, at));
                }
            }
            FeedEvent::TookOver(entries) => {
                entries.iter().filter_map(|entry| known(entry, now)).for_each(|value| self.push(value));
            }
            FeedEvent::TermEnded => {
                let mut queue = self.lock();
                queue.is_running = false;
                (queue.values, queue.merged) = (VecDeque::new(), HashMap::new());
                drop(queue);
                self.term.send_replace(None);
            }
        }
    }

    /// For a new run in the middle of a term: begins with what this node knows now.
    pub(super) fn take_known_again(&self, node: &Node) {
        let now = clock::now();
        let entries = node.last_values.cache.read().to_publication().entries;
        let mut queue = self.lock();
        entries.iter().filter_map(|entry| known(entry, now)).for_each(|value| queue.values.push_front(value));
    }

    fn push(&self, value: Value) {
        let mut queue = self.lock();
        if !queue.is_running {
            return;
        }
        // What comes after prices that were merged is merged too, until all of them are taken: the order of a symbol is kept.
        if queue.values.len() < CAPACITY && queue.merged.is_empty() {
            queue.values.push_back(value);
        } else {
            self.metrics.alerts.coalesced.inc();
            let key = (value.symbol, value.is_extended);
            match queue.merged.get_mut(&key) {
                Some(merged) => merged.add(value),
                None => drop(queue.merged.insert(key, Merged::of(value))),
            }
        }
        drop(queue);
        self.ready.notify_one();
    }

    /// The next values, in order: at most `limit`, unless some were merged.
    pub fn take(&self, limit: usize) -> Vec<Value> {
        let mut queue = self.lock();
        let count = queue.values.len().min(limit);
        let mut values: Vec<Value> = queue.values.drain(..count).collect();
        if queue.values.is_empty() && !queue.merged.is_empty() {
            let merged = std::mem::take(&mut queue.merged);
            drop(queue);
            let mut rest: Vec<Value> = merged.into_values().flat_map(Merged::into_values).collect();
            // Regular and extended prices of a symbol are merged apart.
            rest.sort_by_key(|value| value.as_of);
            values.extend(rest);
        }
        values
    }

    /// When the oldest value that waits was seen.
    pub fn oldest_seen_at(&self) -> Option<DateTime<Utc>> {
        let queue = self.lock();
        let merged = queue.merged.values().map(|merged| merged.low.1.seen_at.min(merged.high.1.seen_at));
        queue.values.front().filter(|value| !value.is_known).map(|value| value.seen_at).into_iter().chain(merged).min()
    }

    /// Waits until there are values.
    pub async fn ready(&self) {
        self.ready.notified().await;
    }

    /// The number of the term that runs on this node, as it changes.
    pub fn term(&self) -> watch::Receiver<Option<u64>> {
        self.term.subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new(tick: &Tick, entry: &Entry, seen_at: DateTime<Utc>) -> Value {
    Value {
        symbol: tick.symbol,
        price: tick.price,
        previous_close: entry.quote.previous_close,
        as_of: tick.as_of,
        seen_at,
        day: tick.day,
        is_extended: tick.is_extended,
        is_known: false,
        mode: tick.mode,
        source: Cow::Borrowed(tick.source),
    }
}

/// A value that was known before; `None` of one that is not kept up any more, or whose price is of no regular hours as far as
/// one can tell.
pub(super) fn known(entry: &Entry, now: DateTime<Utc>) -> Option<Value> {
    let quote = &*entry.quote;
    let (price, as_of) = (quote.price.filter(|_| !quote.stale)?, quote.as_of?);
    Some(Value {
        symbol: quote.symbol,
        price,
        previous_close: quote.previous_close,
        as_of,
        seen_at: as_of.min(now),
        day: entry.day,
        // The last price of regular hours is the close: another one came after it, or before them.
        is_extended: entry.close != Some(price),
        is_known: true,
        mode: quote.mode,
        source: Cow::Owned(quote.source.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{NaiveDate, TimeDelta};
    use watchtape_shared::Price;
    use watchtape_shared::quote::Mode;

    fn value(symbol: &str, price: i64, second: i64) -> Value {
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        Value {
            symbol: Symbol::parse(symbol).expect("a symbol"),
            price: Price::from_micros(price).expect("a price"),
            previous_close: None,
            as_of: at,
            seen_at: at,
            day: NaiveDate::default(),
            is_extended: false,
            is_known: false,
            mode: Mode::Live,
            source: Cow::Borrowed("test"),
        }
    }

    #[test]
    fn what_waits_too_long_is_merged_and_passes_the_same_levels() {
        let metrics = Arc::new(Metrics::default());
        let inbox = Inbox::new(metrics.clone());
        inbox.push(value("AAPL", 1, 0));
        assert!(inbox.take(10).is_empty(), "no term runs");
        inbox.take_event(FeedEvent::TermBegan(&[]), clock::now());
        for second in 0..CAPACITY as i64 {
            inbox.push(value("MSFT", 5, second));
        }
        for (second, price) in [7, 3, 9, 6, 5].into_iter().enumerate() {
            inbox.push(value("AAPL", price, 100_000 + second as i64));
        }
        assert_eq!(metrics.alerts.coalesced.get(), 5);
        assert_eq!(inbox.oldest_seen_at(), Some(DateTime::UNIX_EPOCH));
        let all = inbox.take(CAPACITY);
        let prices: Vec<i64> = all[CAPACITY..].iter().map(|value| value.price.micros()).collect();
        assert_eq!(prices, [3, 9, 5], "the lowest, the highest and the last, in their order");
        inbox.push(value("AAPL", 4, 200_000));
        assert_eq!(inbox.take(1).len(), 1, "and the next one waits in line again");
    }

    #[test]
    fn what_waits_goes_with_its_term() {
        let inbox = Inbox::new(Arc::default());
        inbox.take_event(FeedEvent::TermBegan(&[]), clock::now());
        inbox.push(value("AAPL", 1, 0));
        inbox.take_event(FeedEvent::TermEnded, clock::now());
        assert_eq!((inbox.take(10), *inbox.term().borrow()), (Vec::new(), None));
        inbox.take_event(FeedEvent::TermBegan(&[]), clock::now());
        assert_eq!((inbox.take(10), *inbox.term().borrow()), (Vec::new(), Some(2)));
    }
}
