//! The hub against a plain model, under random subscriptions, rounds and reads; and which connections count as slow.

use super::{ConnectionKey, Hub};
use crate::cluster::encoded_row::EncodedRow;
use crate::cluster::entry::Entry;
use crate::cluster::round::Round;
use crate::telemetry::traces::TraceContext;
use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::task::Waker;
use watchtape_shared::quote::Mode;
use watchtape_shared::stream::GapReason;
use watchtape_shared::tick_row::TickRow;
use watchtape_shared::{Currency, Price, Quote, Symbol};

const SYMBOLS: [&str; 5] = ["A", "B", "C", "D", "E"];

fn symbol(index: usize) -> Symbol {
    Symbol::parse(SYMBOLS[index]).expect("a symbol")
}

fn update(index: usize, micros: i64) -> EncodedRow {
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
    EncodedRow::new(entry).expect("a priced quote")
}

fn take(hub: &mut Hub, key: ConnectionKey) -> Vec<(String, String)> {
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
    /// A round of these symbols, with the next sequence number or, if `late`, that of an early one.
    Round {
        symbols: Vec<usize>,
        late: bool,
    },
    Take(usize),
    UnsubscribeAll(usize),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Subscribe(s, y)),
        (0..3usize, 0..5usize).prop_map(|(s, y)| Step::Unsubscribe(s, y)),
        (prop::collection::vec(0..5usize, 1..5), prop::bool::weighted(0.2))
            .prop_map(|(symbols, late)| Step::Round { symbols, late }),
        (0..3usize).prop_map(Step::Take),
        (0..3usize).prop_map(Step::UnsubscribeAll),
    ]
}

proptest! {
    /// A frame has the newest value of exactly those subscribed symbols that changed since the previous frame, each
    /// once.
    #[test]
    fn every_connection_gets_the_newest_value_of_what_changed(steps in prop::collection::vec(step(), 1..80)) {
        let mut hub = Hub::default();
        let keys: Vec<ConnectionKey> = (0..3).map(|_| hub.add_connection()).collect();
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
                    hub.apply(&Round { epoch: Arc::default(), term: 1, seq: number, published_at: DateTime::UNIX_EPOCH, trace: TraceContext::default(), updates });
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
                Step::UnsubscribeAll(s) => {
                    hub.unsubscribe_all(keys[s]);
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
            let demand = hub.topics.iter().map(|topic| topic.subscribers.len()).sum::<usize>();
            prop_assert_eq!(demand, wanted.iter().map(HashSet::len).sum::<usize>());
        }
    }
}

#[test]
fn a_connection_that_does_not_read_is_slow_once_and_a_paced_one_never() {
    let mut hub = Hub::default();
    let [slow, paced, reading] = [hub.add_connection(), hub.add_connection(), hub.add_connection()];
    for key in [slow, paced, reading] {
        hub.subscribe(key, symbol(0));
    }
    hub.apply(&Round {
        epoch: Arc::default(),
        term: 1,
        seq: 1,
        published_at: DateTime::UNIX_EPOCH,
        trace: TraceContext::default(),
        updates: vec![update(0, 1)],
    });
    hub.set_paced(paced);
    let mut found = Vec::new();
    for _ in 0..5 {
        assert!(hub.poll_dirty(reading, Waker::noop()));
        found.push(hub.find_slow(3));
    }
    assert_eq!(found, [vec![], vec![], vec![slow], vec![], vec![]]);
}

#[test]
fn a_round_of_another_epoch_changes_nothing() {
    let mut hub = Hub::default();
    let key = hub.add_connection();
    let round = |epoch: &str, seq, micros| Round {
        epoch: epoch.into(),
        term: 1,
        seq,
        published_at: DateTime::UNIX_EPOCH,
        trace: TraceContext::default(),
        updates: vec![update(0, micros)],
    };
    hub.begin_epoch("a".into(), GapReason::Restarted);
    hub.subscribe(key, symbol(0));
    hub.apply(&round("a", 900, 1));
    hub.begin_epoch("b".into(), GapReason::Restarted);
    hub.apply(&round("b", 1, 2));
    // What a lagging worker still finds in its queue.
    hub.apply(&round("a", 901, 3));
    hub.apply(&round("b", 2, 4));
    assert_eq!((hub.position().epoch.as_ref(), hub.position().seq), ("b", 2));
    assert_eq!(take(&mut hub, key), [(SYMBOLS[0].to_owned(), Price::from_micros(4).expect("a price").to_string())]);
}
