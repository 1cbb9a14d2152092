//! Subscribes the symbols that the app wants: by differences once scrolling has stopped, and all of them after every
//! greeting.

use super::PriceStream;
use crate::view::reactive::effect;
use leptos::prelude::*;
use std::collections::HashSet;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::stream::ClientMessage;

/// Symbols that only scroll past are not subscribed.
const SCROLL_PAUSE: Duration = Duration::from_millis(150);

/// What this connection is subscribed to.
#[derive(Default)]
pub(super) struct Subscriptions {
    held: HashSet<Symbol>,
    /// Whether an update is scheduled.
    is_scheduled: bool,
}

impl Subscriptions {
    /// What to subscribe and what to unsubscribe, each sorted, so that these and no others are held.
    fn set(&mut self, wanted: HashSet<Symbol>) -> (Vec<Symbol>, Vec<Symbol>) {
        let difference = |one: &HashSet<Symbol>, other: &HashSet<Symbol>| {
            let mut symbols: Vec<Symbol> = one.difference(other).copied().collect();
            symbols.sort_unstable();
            symbols
        };
        let (new, gone) = (difference(&wanted, &self.held), difference(&self.held, &wanted));
        self.held = wanted;
        (new, gone)
    }
}

impl PriceStream {
    /// Updates the subscriptions whenever the wanted symbols change; the first at once.
    pub(super) fn follow_wanted_symbols(self) {
        effect(move || {
            self.wanted_symbols();
            let wait = self.inner.try_update_value(|inner| {
                let was_scheduled = std::mem::replace(&mut inner.subscriptions.is_scheduled, true);
                (!was_scheduled).then_some(inner.subscriptions.held.is_empty())
            });
            match wait.flatten() {
                Some(true) => self.subscribe(),
                Some(false) => set_timeout(move || self.subscribe(), SCROLL_PAUSE),
                None => {}
            }
        });
    }

    /// Subscribes everything on a new connection.
    pub(super) fn resubscribe(self) {
        self.inner.update_value(|inner| inner.subscriptions.held.clear());
        self.subscribe();
    }

    fn wanted_symbols(self) -> HashSet<Symbol> {
        let wanted_symbols = self.wanted_symbols.get_value();
        wanted_symbols()
    }

    fn subscribe(self) {
        let wanted = untrack(|| self.wanted_symbols());
        self.inner.update_value(|inner| {
            inner.subscriptions.is_scheduled = false;
            let Some(socket) = inner.socket.as_ref().filter(|_| inner.greeted) else { return };
            let (new, gone) = inner.subscriptions.set(wanted);
            if !gone.is_empty() {
                socket.send(&ClientMessage::Unsubscribe { symbols: gone });
            }
            if !new.is_empty() {
                let symbols = new.iter().map(Symbol::to_string).collect();
                socket.send(&ClientMessage::Subscribe { symbols, interval_ms: None, resume: None });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn set(symbols: &str) -> HashSet<Symbol> {
        symbols.split_whitespace().map(|text| Symbol::parse(text).expect("a symbol")).collect()
    }

    fn told(symbols: &[Symbol]) -> String {
        symbols.iter().map(Symbol::to_string).collect::<Vec<_>>().join(" ")
    }

    #[wasm_bindgen_test]
    fn only_the_difference_is_told() {
        let mut subscriptions = Subscriptions::default();
        let mut turn = |wanted| {
            let (new, gone) = subscriptions.set(set(wanted));
            (told(&new), told(&gone))
        };
        assert_eq!(turn("A B C"), ("A B C".into(), String::new()));
        assert_eq!(turn("C D B"), ("D".into(), "A".into()));
        assert_eq!(turn("D B C"), (String::new(), String::new()));
        assert_eq!(turn(""), (String::new(), "B C D".into()));
    }
}
