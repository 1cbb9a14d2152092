//! Subscriptions: the symbols that a connection wants, by name and by followed lists, and their snapshots.

use super::MAX_SYMBOLS;
use super::actor::Connection;
use std::collections::BTreeSet;
use watchtape_shared::stream::{Rejection, Resume, ServerMessage};
use watchtape_shared::{Quote, Symbol};

impl Connection {
    pub(super) fn subscribe(&mut self, symbols: Vec<String>, resume: Option<&Resume>) {
        let mut rejected = Vec::new();
        let mut subscribed: BTreeSet<Symbol> = self.subscribed.iter().copied().collect();
        for text in symbols {
            let code = match Symbol::parse(&text) {
                Err(_) => "invalid_symbol",
                Ok(symbol) if self.state.tickers.get(&symbol).is_none() => "unknown_symbol",
                Ok(symbol) if subscribed.len() >= MAX_SYMBOLS && !subscribed.contains(&symbol) => "too_many_symbols",
                Ok(symbol) => {
                    subscribed.insert(symbol);
                    continue;
                }
            };
            rejected.push(Rejection { symbol: text, code: code.to_owned() });
        }
        self.subscribed = subscribed.into_iter().collect();
        self.update_subscriptions(rejected, resume);
    }

    /// Brings the hub to what is wanted now, says what that is, and gives the last values of what is new.
    pub(super) fn update_subscriptions(&mut self, mut rejected: Vec<Rejection>, resume: Option<&Resume>) {
        let mut wanted: BTreeSet<Symbol> = self.subscribed.iter().copied().collect();
        for symbol in self.followed.values().flat_map(|list| &list.symbols) {
            if wanted.len() < MAX_SYMBOLS || wanted.contains(symbol) {
                wanted.insert(*symbol);
            } else {
                rejected.push(Rejection { symbol: symbol.to_string(), code: "too_many_symbols".to_owned() });
            }
        }
        let (added, seq) = {
            let mut hub = self.worker.hub.borrow_mut();
            let current = hub.symbols(self.key);
            let added: Vec<Symbol> = wanted.iter().filter(|symbol| !current.contains(*symbol)).copied().collect();
            hub.retain(self.key, |symbol| wanted.contains(symbol));
            hub.reserve(self.key, added.len());
            for symbol in &added {
                hub.subscribe(self.key, *symbol);
            }
            (added, hub.seq())
        };
        if !added.is_empty() {
            self.worker.hurry_demand();
        }
        self.send(&ServerMessage::Subscribed { symbols: wanted.into_iter().collect(), rejected });
        self.send_snapshot(&added, seq, resume);
    }

    /// The last values of these symbols. A client that comes back in the same epoch is spared what it has seen.
    fn send_snapshot(&self, symbols: &[Symbol], seq: u64, resume: Option<&Resume>) {
        let resume = resume.filter(|resume| *resume.epoch == *self.epoch && resume.seq <= seq);
        let hub = self.worker.hub.borrow();
        let news = |symbol: &&Symbol| resume.is_none_or(|resume| hub.changed_since(**symbol, resume.seq));
        let quotes: Vec<Quote> = symbols
            .iter()
            .filter(news)
            .filter_map(|symbol| {
                let ticker = self.state.tickers.get(symbol)?;
                Some(self.state.node.last_values.present(ticker, hub.quote(*symbol)))
            })
            .collect();
        if quotes.is_empty() {
            return;
        }
        if let Some(resume) = resume {
            self.send(&ServerMessage::Gap { from: resume.seq, to: seq, epoch: None });
        }
        self.send(&ServerMessage::Snapshot { seq, quotes });
    }

    /// The numbers begin anew, as after a loss of the cluster's store: what was seen is counted no longer.
    pub(super) fn restart(&mut self) {
        self.epoch = self.state.node.last_values.cache.read().epoch.clone();
        let (symbols, seq) = {
            let hub = self.worker.hub.borrow();
            let mut symbols: Vec<Symbol> = hub.symbols(self.key).into_iter().collect();
            symbols.sort_unstable();
            (symbols, hub.seq())
        };
        self.send(&ServerMessage::Gap { from: 0, to: seq, epoch: Some(self.epoch.to_string()) });
        self.send_snapshot(&symbols, seq, None);
    }
}
