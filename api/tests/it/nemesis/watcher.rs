//! Clients that watch a list and prices, come back whenever they are cut off, and note whether what they see is in order.

use super::cluster::Members;
use crate::support::witness::{Witness, place_of};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const SYMBOLS: [&str; 5] = ["AAPL", "MSFT", "NVDA", "IBM", "ORCL"];

/// A client's memory.
pub(super) struct Watcher {
    pub(super) list: String,
    rounds: Cell<usize>,
    shown: RefCell<Value>,
    seen: RefCell<Seen>,
    /// Ends by a panic alone.
    task: RefCell<Option<JoinHandle<()>>>,
}

#[derive(Default)]
struct Seen {
    place: (u64, u64),
    prices: Witness,
    /// The epoch of each term, and when each round was published.
    epochs: BTreeMap<u64, String>,
    published: HashMap<(u64, u64), i64>,
}

impl Watcher {
    pub(super) fn start(members: &Rc<Members>, token: &str, list: &str, number: usize) -> Rc<Self> {
        let watcher = Rc::new(Self {
            list: list.to_owned(),
            rounds: Cell::default(),
            shown: RefCell::default(),
            seen: RefCell::default(),
            task: RefCell::default(),
        });
        let (own, members, token) = (watcher.clone(), members.clone(), token.to_owned());
        let task = actix_web::rt::spawn(async move {
            for attempt in number.. {
                // Whatever ends the connection, the next node is tried.
                own.watch(&members, &token, attempt % members.len()).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        });
        *watcher.task.borrow_mut() = Some(task);
        watcher
    }

    /// How many messages with prices it has taken.
    pub(super) fn rounds(&self) -> usize {
        self.rounds.get()
    }

    /// What it has seen was in order.
    pub(super) fn is_satisfied(&self) -> bool {
        self.task.borrow().as_ref().is_some_and(|task| !task.is_finished())
    }

    /// Whether it shows this list.
    pub(super) fn shows(&self, truth: &Value) -> bool {
        let shown = self.shown.borrow();
        shown["version"] == truth["version"] && shown["items"] == truth["items"]
    }

    async fn watch(&self, members: &Members, token: &str, node: usize) -> Option<()> {
        let mut request = format!("ws://{}/api/v1/stream", members.address(node)).into_client_request().ok()?;
        request.headers_mut().insert("Sec-WebSocket-Protocol", "watchtape.v1".parse().ok()?);
        request.headers_mut().insert("Authorization", format!("Bearer {token}").parse().ok()?);
        let connecting = tokio::time::timeout(Duration::from_secs(5), connect_async(request)).await;
        let (mut socket, _) = connecting.ok()?.ok()?;
        for message in [
            json!({ "op": "subscribe", "symbols": SYMBOLS }),
            json!({ "op": "watch", "watchlist": self.list, "prices": false }),
        ] {
            socket.send(Message::text(message.to_string())).await.ok()?;
        }
        let mut version = 0;
        // A node that sleeps says nothing: a client leaves it.
        while let Ok(Some(Ok(message))) = tokio::time::timeout(Duration::from_secs(8), socket.next()).await {
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            match message["type"].as_str() {
                Some("watchlist") => {
                    let told = message["version"].as_u64().expect("a version");
                    assert!(told >= version, "versions only rise");
                    version = told;
                    *self.shown.borrow_mut() = message;
                }
                Some("gap" | "snapshot" | "ticks") => self.see(&message),
                _ => {}
            }
        }
        None
    }

    fn see(&self, message: &Value) {
        let mut seen = self.seen.borrow_mut();
        let epoch = message["epoch"].as_str().expect("an epoch");
        if message["type"] == "gap" {
            return seen.prices.hear_of_gap(message);
        }
        let place = place_of(message);
        let known = seen.epochs.entry(place.0).or_insert_with(|| epoch.to_owned());
        assert_eq!(known, epoch, "one feed in a term");
        if place < seen.place {
            // A node that is behind, as one that is cut off: a client passes over it.
            return;
        }
        seen.place = place;
        if message["type"] == "ticks" {
            seen.published.insert(place, message["ts"].as_i64().expect("a time"));
        }
        seen.prices.see(message);
        self.rounds.set(self.rounds.get() + 1);
    }
}

/// All clients have seen the same epoch in a term, and the same round under a number.
pub(super) fn check_terms(watchers: &[Rc<Watcher>]) {
    let (mut epochs, mut published) = (BTreeMap::new(), HashMap::new());
    for watcher in watchers {
        let seen = watcher.seen.borrow();
        for (term, epoch) in &seen.epochs {
            assert_eq!(epochs.entry(*term).or_insert_with(|| epoch.clone()), epoch, "one feed in term {term}");
        }
        for (place, at) in &seen.published {
            assert_eq!(published.entry(*place).or_insert(*at), at, "one round is {place:?}");
        }
    }
    assert!(!epochs.is_empty() && !published.is_empty());
}
