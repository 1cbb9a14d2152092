//! What this device has told of, and what somebody has seen here: the newest trigger of each, by account, in the local
//! storage. Ids of triggers are in the order of time.

use crate::state::local_storage;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::{AlertEventId, UserId};

const KEY: &str = "watchtape.alerts";

/// The newest trigger that was seen, and the newest that was told. Empty before the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen {
    seen: String,
    told: String,
}

impl Seen {
    /// As it is stored for this account; `None` where none is, or another account's.
    pub(super) fn of(user: &UserId) -> Option<Self> {
        Self::parse(&local_storage::read(KEY)?, user.as_str())
    }

    fn parse(stored: &str, user: &str) -> Option<Self> {
        let mut lines = stored.split('\n');
        let is_theirs = lines.next() == Some(user);
        let (seen, told) = (lines.next()?, lines.next()?);
        is_theirs.then(|| Self { seen: seen.to_owned(), told: told.to_owned() })
    }

    pub(super) fn store(&self, user: &UserId) {
        local_storage::write(KEY, &[user.as_str(), &self.seen, &self.told].join("\n"));
    }

    /// Nothing up to here is new.
    pub(super) fn up_to(newest: Option<&AlertEventId>) -> Self {
        let newest = newest.map_or_else(String::new, ToString::to_string);
        Self { seen: newest.clone(), told: newest }
    }

    pub(super) fn has_told(&self, id: &AlertEventId) -> bool {
        id.as_str() <= self.told.as_str()
    }

    pub(super) fn tell(&mut self, id: &AlertEventId) {
        raise(&mut self.told, id);
    }

    pub(super) fn see(&mut self, id: &AlertEventId) {
        raise(&mut self.seen, id);
        raise(&mut self.told, id);
    }

    /// How many of these nobody has seen; the newest are first.
    pub(super) fn unread(&self, events: &[AlertEvent]) -> usize {
        events.iter().take_while(|event| event.id.as_str() > self.seen.as_str()).count()
    }
}

fn raise(held: &mut String, id: &AlertEventId) {
    if id.as_str() > held.as_str() {
        id.as_str().clone_into(held);
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::alert::Condition;
    use watchtape_shared::quote::Mode;
    use watchtape_shared::{AlertId, Price, Symbol};

    /// The trigger with this number, from 0 to 9 for one digit and so on: a higher one is newer.
    pub(in crate::state::alerts) fn id(number: u8) -> AlertEventId {
        AlertEventId::parse(&format!("evt_01kaq2f8s5e8rvm0r2j5c4n{number:03}")).expect("an id")
    }

    pub(in crate::state::alerts) fn event(number: u8) -> AlertEvent {
        let at = "2026-11-20T14:32:00Z".parse().expect("a moment");
        AlertEvent {
            id: id(number),
            alert_id: AlertId::parse("alr_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            condition: Condition::CrossesAbove { price: Price::parse("200").expect("a price") },
            note: None,
            price: Price::parse("200.31").ok(),
            previous_price: Price::parse("199.9").ok(),
            as_of: at,
            source: "sim".into(),
            mode: Mode::Live,
            triggered_at: at,
            late_s: None,
        }
    }

    #[wasm_bindgen_test]
    fn what_was_seen_was_told_and_neither_goes_back() {
        let mut seen = Seen::up_to(None);
        let events = [event(3), event(2), event(1)];
        assert_eq!(seen.unread(&events), 3);
        seen.tell(&id(2));
        assert!(seen.has_told(&id(1)) && !seen.has_told(&id(3)));
        assert_eq!(seen.unread(&events), 3);
        seen.see(&id(3));
        seen.see(&id(1));
        assert!(seen.has_told(&id(3)));
        assert_eq!(seen.unread(&events), 0);
        assert_eq!(seen.unread(&[event(4), event(3)]), 1);
    }

    #[wasm_bindgen_test]
    fn what_another_account_has_seen_is_not_read() {
        let stored = "usr_1\nevt_2\nevt_3";
        assert_eq!(Seen::parse(stored, "usr_1"), Some(Seen { seen: "evt_2".into(), told: "evt_3".into() }));
        assert_eq!(Seen::parse(stored, "usr_2"), None);
        assert_eq!(Seen::parse("usr_1", "usr_1"), None);
    }
}
