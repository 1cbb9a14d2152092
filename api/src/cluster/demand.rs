//! Which symbols somebody watches, and how many do: what the feed asks its sources for. Worker threads tell what their
//! sockets watch; a question over REST counts as a watcher for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use watchtape_shared::Symbol;

/// The watchers of each symbol that has any, over all nodes.
pub type Watched = Arc<HashMap<Symbol, u32>>;

/// How long a question over REST counts.
const ASKED_LIFETIME: Duration = Duration::from_secs(60);
/// How often a node that is alone looks what has expired.
const SWEEP_INTERVAL: Duration = Duration::from_secs(5);

/// The demand of this node, and of all.
pub struct Demand {
    own: Mutex<Own>,
    changed: Notify,
    watched: watch::Sender<Watched>,
}

#[derive(Default)]
struct Own {
    /// By worker thread.
    sockets: HashMap<usize, HashMap<Symbol, u32>>,
    /// When each symbol was last asked for over REST. Bounded by the catalogue.
    asked: HashMap<Symbol, Instant>,
}

impl Default for Demand {
    fn default() -> Self {
        Self { own: Mutex::default(), changed: Notify::new(), watched: watch::channel(Watched::default()).0 }
    }
}

impl Demand {
    fn lock(&self) -> MutexGuard<'_, Own> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what the sockets of a worker thread watch.
    pub fn report(&self, worker: usize, watchers: HashMap<Symbol, u32>) {
        self.lock().sockets.insert(worker, watchers);
        self.changed.notify_one();
    }

    /// Notes that somebody asked for these symbols over REST. Only symbols of the catalogue may come here.
    pub fn ask(&self, symbols: impl IntoIterator<Item = Symbol>) {
        let now = Instant::now();
        let mut own = self.lock();
        let mut is_news = false;
        for symbol in symbols {
            let before = own.asked.insert(symbol, now);
            is_news |= before.is_none_or(|at| now - at > ASKED_LIFETIME);
        }
        drop(own);
        if is_news {
            self.changed.notify_one();
        }
    }

    /// What this node watches now.
    pub fn own(&self) -> Watched {
        let mut own = self.lock();
        own.asked.retain(|_, at| at.elapsed() <= ASKED_LIFETIME);
        let mut all: HashMap<Symbol, u32> = own.asked.keys().map(|symbol| (*symbol, 1)).collect();
        for (symbol, watchers) in own.sockets.values().flatten() {
            *all.entry(*symbol).or_default() += watchers;
        }
        Arc::new(all)
    }

    /// Waits until this node's demand has changed, or another's has.
    pub async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Another node watches something new.
    pub fn notify_changed(&self) {
        self.changed.notify_one();
    }

    /// Takes in what all nodes watch.
    pub fn set_watched(&self, all: HashMap<Symbol, u32>) {
        self.watched.send_if_modified(|watched| {
            let changed = **watched != all;
            if changed {
                *watched = Arc::new(all);
            }
            changed
        });
    }

    /// What all nodes watch, as it changes.
    pub fn watched(&self) -> watch::Receiver<Watched> {
        self.watched.subscribe()
    }

    /// Keeps what all nodes watch where there is no other node.
    pub async fn keep_alone(&self) {
        loop {
            let own = self.own();
            self.set_watched(Arc::unwrap_or_clone(own));
            let _ = tokio::time::timeout(SWEEP_INTERVAL, self.changed()).await;
        }
    }
}
