//! Subscriptions of a connection: the symbols subscribed by name and those of followed lists, and their snapshots.

use super::MAX_SYMBOLS;
use super::actor::Connection;
use crate::stream::hub::Position;
use std::collections::BTreeSet;
use watchtape_shared::stream::{GapReason, Rejection, Resume, ServerMessage};
use watchtape_shared::{Quote, Symbol};

/// When `subscribed` is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Always: a list was watched.
    Always,
    /// Where the set has changed, or something was rejected.
    OnChange,
}

impl Connection {
    /// Subscribes symbols by name; those that are invalid, unknown or over the limit are rejected one by one.
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
        self.update_subscriptions(Answer::OnChange, rejected, resume);
    }

    /// Sets the hub's subscriptions to the wanted symbols, and sends `subscribed` and the last values of the added ones.
    pub(super) fn update_subscriptions(
        &mut self,
        answer: Answer,
        mut rejected: Vec<Rejection>,
        resume: Option<&Resume>,
    ) {
        let mut wanted: BTreeSet<Symbol> = self.subscribed.iter().copied().collect();
        for symbol in self.followed.values().flat_map(|list| &list.symbols) {
            if wanted.len() < MAX_SYMBOLS || wanted.contains(symbol) {
                wanted.insert(*symbol);
            } else {
                rejected.push(Rejection { symbol: symbol.to_string(), code: "too_many_symbols".to_owned() });
            }
        }
        let (added, is_less, position) = {
            let mut hub = self.worker.hub.borrow_mut();
            let current = hub.symbols(self.key);
            let added: Vec<Symbol> = wanted.iter().filter(|symbol| !current.contains(*symbol)).copied().collect();
            let is_less = current.iter().any(|symbol| !wanted.contains(symbol));
            hub.retain(self.key, |symbol| wanted.contains(symbol));
            hub.reserve(self.key, added.len());
            for symbol in &added {
                hub.subscribe(self.key, *symbol);
            }
            (added, is_less, hub.position())
        };
        if answer == Answer::OnChange && added.is_empty() && !is_less && rejected.is_empty() {
            return;
        }
        if !added.is_empty() {
            self.worker.report_demand_soon();
        }
        self.send(&ServerMessage::Subscribed { symbols: wanted.into_iter().collect(), rejected });
        self.send_snapshot(&added, &position, resume);
    }

    /// Sends the last values of these symbols; to a client that resumes in the same epoch, only those that have changed since,
    /// after a `gap`, which also tells one that comes back to another epoch why.
    fn send_snapshot(&self, symbols: &[Symbol], position: &Position, resume: Option<&Resume>) {
        let (epoch, term, seq) = (position.epoch.to_string(), position.term, position.seq);
        let hub = self.worker.hub.borrow();
        let is_other_epoch = resume.is_some_and(|resume| resume.epoch != epoch);
        let gap_from = resume.filter(|resume| is_other_epoch || resume.seq <= seq).map(|resume| resume.seq);
        let resume = resume.filter(|resume| !is_other_epoch && resume.seq <= seq);
        let has_changed = |symbol: &&Symbol| resume.is_none_or(|resume| hub.changed_since(**symbol, resume.seq));
        let quotes: Vec<Quote> = symbols
            .iter()
            .filter(has_changed)
            .filter_map(|symbol| {
                let ticker = self.state.tickers.get(symbol)?;
                Some(self.state.node.last_values.present(&ticker, hub.quote(*symbol)))
            })
            .collect();
        if quotes.is_empty() {
            return;
        }
        if let Some(from) = gap_from {
            let reason = if is_other_epoch { hub.reason() } else { GapReason::Missed };
            self.send(&ServerMessage::Gap { from, to: seq, epoch: epoch.clone(), term, reason });
        }
        self.send(&ServerMessage::Snapshot { epoch, term, seq, quotes });
    }

    /// Sends the new epoch in a `gap`, and a snapshot of all subscribed symbols: sequences start over.
    pub(super) fn on_epoch_begun(&mut self, reason: GapReason) {
        let (symbols, position) = {
            let hub = self.worker.hub.borrow();
            let mut symbols: Vec<Symbol> = hub.symbols(self.key).into_iter().collect();
            symbols.sort_unstable();
            (symbols, hub.position())
        };
        let (epoch, term, to) = (position.epoch.to_string(), position.term, position.seq);
        self.send(&ServerMessage::Gap { from: 0, to, epoch, term, reason });
        self.send_snapshot(&symbols, &position, None);
    }
}
