//! Keeps what this connection is subscribed to in step with what is on screen: by differences, once scrolling has come
//! to a rest, and from nothing after every greeting.

use crate::stream::Live;
use leptos::prelude::*;
use std::collections::HashSet;
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::stream::ClientMessage;

/// What flies past is not asked for.
const REST: Duration = Duration::from_millis(150);

/// What the server was last told.
#[derive(Default)]
pub(super) struct Subscriptions {
    held: HashSet<Symbol>,
    /// Whether a look at the screen is due.
    due: bool,
}

impl Subscriptions {
    /// What to subscribe and what to unsubscribe, so that these and no others are held. In order, for whoever reads it.
    fn turn_to(&mut self, wanted: HashSet<Symbol>) -> (Vec<Symbol>, Vec<Symbol>) {
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

impl Live {
    /// Looks at the screen whenever it changes. The first symbols are asked for at once.
    pub(super) fn follow_screen(self) {
        Effect::new(move |_| {
            self.shown.symbols();
            let wait = self.inner.try_update_value(|inner| {
                let is_due = std::mem::replace(&mut inner.subscriptions.due, true);
                (!is_due).then_some(inner.subscriptions.held.is_empty())
            });
            match wait.flatten() {
                Some(true) => self.subscribe(),
                Some(false) => set_timeout(move || self.subscribe(), REST),
                None => {}
            }
        });
    }

    /// A new connection knows of nothing.
    pub(super) fn subscribe_anew(self) {
        self.inner.update_value(|inner| inner.subscriptions.held.clear());
        self.subscribe();
    }

    fn subscribe(self) {
        let wanted = untrack(|| self.shown.symbols());
        self.inner.update_value(|inner| {
            inner.subscriptions.due = false;
            let Some(socket) = inner.socket.as_ref().filter(|_| inner.greeted) else { return };
            let (new, gone) = inner.subscriptions.turn_to(wanted);
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
            let (new, gone) = subscriptions.turn_to(set(wanted));
            (told(&new), told(&gone))
        };
        assert_eq!(turn("A B C"), ("A B C".into(), String::new()));
        assert_eq!(turn("C D B"), ("D".into(), "A".into()));
        assert_eq!(turn("D B C"), (String::new(), String::new()));
        assert_eq!(turn(""), (String::new(), "B C D".into()));
    }
}
