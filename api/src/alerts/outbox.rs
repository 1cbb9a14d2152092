//! Triggers that wait to be stored, in their order. Bounded by the alerts: each has one at most.

use super::evaluator::Trigger;
use crate::db::alert_value::StoredValue;
use crate::db::alert_watch::NewTrigger;
use crate::ids;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use watchtape_shared::alert::AlertSession;
use watchtape_shared::{AlertEventId, AlertId, Symbol};

/// Triggers of one transaction; more where one value has more.
const PORTION_LEN: usize = 100;
const MAX_PORTION_LEN: usize = 500;
/// A trigger that is stored so long after its price was seen says so.
const LATE_AFTER: TimeDelta = TimeDelta::seconds(2);

/// A trigger with the id that it is stored under, however often that is tried.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub(super) event_id: AlertEventId,
    pub(super) trigger: Trigger,
    /// How often it failed by itself.
    pub(super) failures: u32,
}

/// The triggers that wait.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<VecDeque<Pending>>,
    added: Notify,
}

impl Outbox {
    pub(super) fn add(&self, triggers: Vec<Trigger>) {
        if triggers.is_empty() {
            return;
        }
        let pending =
            triggers.into_iter().map(|trigger| Pending { event_id: ids::alert_event(), trigger, failures: 0 });
        self.lock().extend(pending);
        self.added.notify_one();
    }

    /// Puts back what was taken, in front of the others.
    pub(super) fn put_back(&self, portion: Vec<Pending>) {
        let mut waiting = self.lock();
        portion.into_iter().rev().for_each(|pending| waiting.push_front(pending));
    }

    /// Puts back what follows the first one that waits, which has been put back before.
    pub(super) fn put_back_behind_first(&self, portion: Vec<Pending>) {
        let mut waiting = self.lock();
        let first = waiting.pop_front();
        portion.into_iter().rev().for_each(|pending| waiting.push_front(pending));
        first.into_iter().for_each(|first| waiting.push_front(first));
    }

    /// Puts one behind the others.
    pub(super) fn postpone(&self, pending: Pending) {
        self.lock().push_back(pending);
    }

    /// Takes the next portion: whole values, as far as they fit.
    pub(super) fn take(&self) -> Vec<Pending> {
        let mut waiting = self.lock();
        let place = |pending: &Pending| (pending.trigger.symbol, pending.trigger.seen_at);
        let mut count = waiting.len().min(PORTION_LEN);
        while count > 0
            && count < waiting.len().min(MAX_PORTION_LEN)
            && place(&waiting[count - 1]) == place(&waiting[count])
        {
            count += 1;
        }
        waiting.drain(..count).collect()
    }

    /// The values that a portion is stored with: those of symbols of which nothing else waits, as a value that is stored counts as
    /// compared.
    pub(super) fn values_of(&self, portion: &[Pending]) -> Vec<StoredValue> {
        let others: HashSet<Symbol> = self.lock().iter().map(|pending| pending.trigger.symbol).collect();
        let of_portion = portion.iter().map(|pending| &pending.trigger);
        of_portion.filter(|trigger| !others.contains(&trigger.symbol)).flat_map(values_of).collect()
    }

    /// When the oldest price whose trigger waits was seen.
    pub(super) fn oldest_seen_at(&self) -> Option<DateTime<Utc>> {
        self.lock().iter().map(|pending| pending.trigger.seen_at).min()
    }

    pub(super) async fn added(&self) {
        self.added.notified().await;
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Pending>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The value of a trigger, for each kind of session that it counts for.
fn values_of(trigger: &Trigger) -> impl Iterator<Item = StoredValue> {
    let sessions = if trigger.is_extended { &AlertSession::ALL[1..] } else { &AlertSession::ALL[..] };
    let value = trigger.price.map(|price| StoredValue {
        symbol: trigger.symbol,
        session: AlertSession::Regular,
        price,
        previous_close: trigger.previous_close,
        as_of: trigger.as_of,
        seen_at: trigger.seen_at,
        day: trigger.day,
        mode: trigger.mode,
    });
    value.into_iter().flat_map(|value| sessions.iter().map(move |session| StoredValue { session: *session, ..value }))
}

impl Pending {
    /// What is stored of it at this time.
    pub(super) fn to_new(&self, now: DateTime<Utc>) -> NewTrigger {
        let trigger = &self.trigger;
        NewTrigger {
            event_id: self.event_id.clone(),
            alert_id: AlertId::from(trigger.key),
            arming: trigger.arming,
            is_last: trigger.is_last,
            symbol: trigger.symbol,
            price: trigger.price,
            previous_price: trigger.previous_price,
            as_of: trigger.as_of,
            seen_at: trigger.seen_at,
            day: trigger.day,
            source: trigger.source.clone().into_owned(),
            mode: trigger.mode,
            late_s: late_s(trigger, now),
        }
    }
}

/// The most seconds by which a trigger is late: since nobody compared prices, or since its price was seen.
fn late_s(trigger: &Trigger, now: DateTime<Utc>) -> Option<u32> {
    let waited = Some(trigger.seen_at).filter(|seen_at| now - *seen_at >= LATE_AFTER);
    let since = trigger.unwatched_since.into_iter().chain(waited).min()?;
    let seconds = (now - since).num_milliseconds().max(1).unsigned_abs().div_ceil(1_000);
    Some(u32::try_from(seconds).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::super::evaluator::AlertKey;
    use super::*;
    use chrono::NaiveDate;
    use std::borrow::Cow;
    use watchtape_shared::Price;
    use watchtape_shared::quote::Mode;

    fn trigger(symbol: &str, second: i64, alert: u128) -> Trigger {
        let at = DateTime::UNIX_EPOCH + TimeDelta::seconds(second);
        Trigger {
            key: AlertKey::from(alert),
            arming: 1,
            is_last: true,
            symbol: Symbol::parse(symbol).expect("a symbol"),
            price: Price::from_micros(1),
            previous_price: None,
            as_of: at,
            seen_at: at,
            day: NaiveDate::default(),
            previous_close: None,
            is_extended: false,
            source: Cow::Borrowed("test"),
            mode: Mode::Live,
            unwatched_since: None,
        }
    }

    #[test]
    fn a_trigger_is_late_where_nobody_watched_or_it_was_stored_late() {
        let at = |second: i64, ms: i64| DateTime::UNIX_EPOCH + TimeDelta::milliseconds(second * 1_000 + ms);
        let mut one = trigger("AAPL", 100, 1);
        assert_eq!([late_s(&one, at(101, 999)), late_s(&one, at(102, 1))], [None, Some(3)]);
        one.unwatched_since = Some(at(90, 500));
        assert_eq!([late_s(&one, at(100, 0)), late_s(&one, at(103, 0))], [Some(10), Some(13)]);
        one.unwatched_since = Some(at(100, 0));
        assert_eq!(late_s(&one, at(100, 0)), Some(1), "not known to the second");
    }

    #[test]
    fn a_portion_has_whole_values_and_stores_those_of_which_nothing_else_waits() {
        let outbox = Outbox::default();
        let first = (0..90).map(|alert| trigger("AAPL", 1, alert));
        outbox.add(first.chain((100..130).map(|alert| trigger("MSFT", 2, alert))).collect());
        outbox.add((200..1_200).map(|alert| trigger("NVDA", 3, alert)).collect());
        let portion = outbox.take();
        assert_eq!(portion.len(), 120, "all of MSFT, and none of NVDA");
        assert_eq!(outbox.oldest_seen_at(), Some(DateTime::UNIX_EPOCH + TimeDelta::seconds(3)));
        let symbols: HashSet<String> =
            outbox.values_of(&portion).iter().map(|value| value.symbol.as_str().to_owned()).collect();
        assert_eq!(symbols, ["AAPL", "MSFT"].map(str::to_owned).into());
        let part = outbox.take();
        assert_eq!((part.len(), outbox.values_of(&part).len()), (500, 0), "a value that is too large is stored last");
        let ids: Vec<_> = part.iter().map(|pending| pending.event_id.clone()).collect();
        outbox.put_back(part);
        let again: Vec<_> = outbox.take().iter().map(|pending| pending.event_id.clone()).collect();
        assert_eq!(ids, again, "under the same ids");
        let last = outbox.take();
        assert!(last.len() == 500 && !outbox.values_of(&last).is_empty());
    }
}
