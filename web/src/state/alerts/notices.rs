//! Notices of triggers: one each, and one for all of them where there are many at a time.

use super::Alerts;
use crate::state::shell::toasts::ToastAction;
use crate::{i18n, route, texts};
use leptos::prelude::*;
use std::sync::Arc;
use watchtape_shared::Symbol;
use watchtape_shared::alert::AlertEvent;

/// The most notices that stand beside each other.
const MOST: usize = 2;
/// The most securities that a summary names.
const MOST_NAMED: usize = 3;

impl Alerts {
    /// Tells of a trigger: by a notice of its own, or with the others that nobody has read yet.
    pub(super) fn announce(self, event: &AlertEvent) {
        if !self.toasts.has_alerts() {
            self.told.set_value(Vec::new());
        }
        self.told.update_value(|told| told.push(event.clone()));
        let told = self.told.get_value();
        if told.len() <= MOST {
            return self.tell_one(i18n::alert::event(event), event.symbol);
        }
        self.toasts.drop_alerts();
        self.tell_all(texts::alert::triggered(&told.len(), &named(&told)));
    }

    /// Tells what triggered while nobody was there.
    pub(super) fn summarise(self, missed: &[AlertEvent]) {
        match missed {
            [] => {}
            [event] => self.tell_one(texts::alert::away_one(&i18n::alert::event(event)), event.symbol),
            _ => self.tell_all(texts::alert::away(&missed.len(), &named(missed))),
        }
    }

    fn tell_one(self, text: String, symbol: Symbol) {
        let link = (texts::alert::open_security(&symbol), route::security(symbol));
        self.toasts.tell_alert(text, link, self.seeing());
    }

    fn tell_all(self, text: String) {
        self.toasts.tell_alert(text, (texts::alert::open_alerts().to_owned(), route::ALERTS.to_owned()), self.seeing());
    }

    fn seeing(self) -> ToastAction {
        Arc::new(move || self.mark_seen())
    }
}

/// The securities of triggers, each once, and how many more there are.
fn named(events: &[AlertEvent]) -> String {
    let mut symbols: Vec<Symbol> = Vec::new();
    for event in events {
        if !symbols.contains(&event.symbol) {
            symbols.push(event.symbol);
        }
    }
    let shown: Vec<&str> = symbols.iter().take(MOST_NAMED).map(Symbol::as_str).collect();
    let shown = shown.join(", ");
    match symbols.len().saturating_sub(MOST_NAMED) {
        0 => shown,
        more => texts::alert::and_more(&shown, &more),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::alerts::seen::tests::event;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn a_summary_names_each_security_once_and_few_of_them() {
        let of = |text: &str| AlertEvent { symbol: Symbol::parse(text).expect("a symbol"), ..event(1) };
        assert_eq!(named(&[of("AAPL"), of("MSFT"), of("AAPL")]), "AAPL, MSFT");
        let many: Vec<AlertEvent> = ["A", "B", "C", "D", "E"].map(of).into();
        assert_eq!(named(&many), "A, B, C and 2 more");
    }
}
