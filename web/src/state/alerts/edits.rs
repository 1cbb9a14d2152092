//! Making, changing, pausing, resuming and deleting alerts. Each can be undone by its inverse, and what could not be
//! undone can be tried again.
//!
//! An alert that is made again after it was deleted is watched for only if it was before: one that had triggered, had
//! expired or was paused comes back paused, so that it does not trigger unasked.

use super::Alerts;
use crate::api::{Failure, IdempotencyKey};
use crate::state::undo_stack::{Direction, Inverse};
use crate::{i18n, texts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::sync::Arc;
use watchtape_shared::alert::{Alert, AlertPatch, AlertState, BulkAlerts, NewAlert};
use watchtape_shared::{AlertId, Patch};

/// A change of alerts.
#[derive(Clone)]
pub(crate) enum AlertChange {
    /// Makes these again, once for the key.
    Make(Vec<Alert>, IdempotencyKey),
    Delete(Vec<AlertId>),
    Pause(Vec<AlertId>),
    Resume(Vec<AlertId>),
    /// Gives an alert these members.
    Edit(AlertId, Box<AlertPatch>),
}

impl Alerts {
    /// Makes an alert; once for a key.
    pub(crate) async fn create(self, new: &NewAlert, key: &IdempotencyKey) -> Result<(), Failure> {
        let alert = self.api.create_alert(new, key).await?;
        self.put(&alert);
        let done = texts::alert::made(&sentence(&alert));
        self.remember(Direction::Do, AlertChange::Delete(vec![alert.id]), done);
        Ok(())
    }

    /// Changes an alert, if nothing has changed it that is not known here. The members that the patch leaves out may have
    /// changed since `was`: it was paused, or has triggered.
    pub(crate) async fn save(self, was: &Alert, patch: AlertPatch) -> Result<(), Failure> {
        let version = untrack(|| self.find(&was.id)).map_or(was.version, |now| now.version);
        let alert = match self.api.update_alert(&was.id, &patch, version).await {
            Err(failure) if failure.status() == Some(412) => {
                self.load();
                return Err(failure);
            }
            answer => answer?,
        };
        self.put(&alert);
        let done = texts::alert::edited(&sentence(&alert));
        self.remember(Direction::Do, AlertChange::Edit(alert.id, Box::new(back_to(was, &patch))), done);
        Ok(())
    }

    /// Makes a change and tells of it, with a way to undo it.
    async fn apply(self, change: AlertChange, direction: Direction) -> Result<(), Failure> {
        if let Some((inverse, done)) = self.perform(change).await? {
            self.remember(direction, inverse, done);
        }
        Ok(())
    }

    /// The same in the background: a failure is told, and an undo that has failed can be tried again.
    pub(crate) fn start(self, change: AlertChange, direction: Direction) {
        spawn_local(async move {
            let Err(failure) = self.apply(change.clone(), direction).await else { return };
            if failure.status() == Some(412) {
                self.load();
            }
            if direction == Direction::Do {
                self.toasts.fail(change.not_done(), &failure);
            } else {
                let entry = self.undo.put_back(direction, None, self.inverse(change));
                self.toasts.fail_to_undo(self.undo, texts::changes::not_undone(), &failure, entry);
            }
        });
    }

    /// Carries a change out. Returns its inverse and what was done, or nothing where there was nothing to do.
    async fn perform(self, change: AlertChange) -> Result<Option<(AlertChange, String)>, Failure> {
        match change {
            AlertChange::Make(alerts, key) => self.make_again(alerts, &key).await.map(Some),
            AlertChange::Edit(id, patch) => self.edit(id, &patch).await,
            AlertChange::Delete(ids) => {
                let held: Vec<Alert> = untrack(|| ids.iter().filter_map(|id| self.find(id)).collect());
                let bulk = BulkAlerts { delete: ids, ..BulkAlerts::default() };
                let result = self.api.change_alerts(&bulk, &IdempotencyKey::new()).await?;
                let gone = |id: &AlertId| result.deleted.contains(id) || result.not_found.contains(id);
                self.change(|alerts| alerts.retain(|alert| !gone(&alert.id)));
                let deleted: Vec<Alert> = held.into_iter().filter(|alert| result.deleted.contains(&alert.id)).collect();
                let done = texts::alert::deleted(&described(&deleted));
                Ok((!deleted.is_empty()).then(|| (AlertChange::Make(deleted, IdempotencyKey::new()), done)))
            }
            AlertChange::Pause(ids) => {
                let bulk = BulkAlerts { pause: ids, ..BulkAlerts::default() };
                let changed = self.send(&bulk).await?;
                let done = texts::alert::paused(&described(&changed));
                Ok((!changed.is_empty()).then(|| (AlertChange::Resume(ids_of(&changed)), done)))
            }
            AlertChange::Resume(ids) => {
                let bulk = BulkAlerts { resume: ids, ..BulkAlerts::default() };
                let changed = self.send(&bulk).await?;
                let done = texts::alert::resumed(&described(&changed));
                Ok((!changed.is_empty()).then(|| (AlertChange::Pause(ids_of(&changed)), done)))
            }
        }
    }

    /// Pauses or resumes, and takes over what came of it.
    async fn send(self, bulk: &BulkAlerts) -> Result<Vec<Alert>, Failure> {
        let result = self.api.change_alerts(bulk, &IdempotencyKey::new()).await?;
        result.changed.iter().for_each(|alert| self.put(alert));
        self.change(|alerts| alerts.retain(|alert| !result.not_found.contains(&alert.id)));
        Ok(result.changed)
    }

    async fn make_again(self, alerts: Vec<Alert>, key: &IdempotencyKey) -> Result<(AlertChange, String), Failure> {
        let create = alerts.iter().map(new_of).collect();
        let made = self.api.change_alerts(&BulkAlerts { create, ..BulkAlerts::default() }, key).await?.created;
        made.iter().for_each(|alert| self.put(alert));
        let is_idle = |(was, _): &(&Alert, &Alert)| was.state != AlertState::Active;
        let pause: Vec<AlertId> = alerts.iter().zip(&made).filter(is_idle).map(|(_, made)| made.id.clone()).collect();
        if !pause.is_empty() {
            self.send(&BulkAlerts { pause, ..BulkAlerts::default() }).await?;
        }
        let done = texts::alert::made_again(&described(&made));
        Ok((AlertChange::Delete(ids_of(&made)), done))
    }

    async fn edit(self, id: AlertId, patch: &AlertPatch) -> Result<Option<(AlertChange, String)>, Failure> {
        let was = match untrack(|| self.find(&id)) {
            Some(alert) => alert,
            None => self.api.get_alert(&id).await?,
        };
        let alert = self.api.update_alert(&id, patch, was.version).await?;
        self.put(&alert);
        let done = texts::alert::edited(&sentence(&alert));
        Ok(Some((AlertChange::Edit(id, Box::new(back_to(&was, patch))), done)))
    }

    fn remember(self, direction: Direction, inverse: AlertChange, done: String) {
        let entry = self.undo.remember(direction, None, self.inverse(inverse));
        self.toasts.show_change(self.undo, direction, entry, done, true);
    }

    fn inverse(self, change: AlertChange) -> Inverse {
        Arc::new(move |direction| self.start(change.clone(), direction))
    }
}

impl AlertChange {
    fn not_done(&self) -> &'static str {
        match self {
            Self::Make(..) => texts::alert::not_made(),
            Self::Delete(_) => texts::alert::not_deleted(),
            Self::Pause(_) => texts::alert::not_paused(),
            Self::Resume(_) => texts::alert::not_resumed(),
            Self::Edit(..) => texts::alert::not_edited(),
        }
    }
}

/// One alert as a sentence, of several how many they are.
fn described(alerts: &[Alert]) -> String {
    match alerts {
        [alert] => ["“", &sentence(alert), "”"].concat(),
        _ => texts::count(alerts.len(), texts::alert::one_alert, texts::alert::alerts),
    }
}

fn sentence(alert: &Alert) -> String {
    i18n::alert::condition(alert.symbol, &alert.condition)
}

fn ids_of(alerts: &[Alert]) -> Vec<AlertId> {
    alerts.iter().map(|alert| alert.id.clone()).collect()
}

/// What makes an alert again. Its end is left out where it is over.
fn new_of(alert: &Alert) -> NewAlert {
    NewAlert {
        symbol: alert.symbol.to_string(),
        condition: alert.condition,
        frequency: alert.frequency,
        cooldown_s: alert.cooldown_s,
        rearm_percent: Some(alert.rearm_percent),
        session: alert.session,
        expires_at: alert.expires_at.filter(|_| alert.state != AlertState::Expired),
        note: alert.note.clone(),
        destinations: alert.destinations.clone(),
    }
}

/// What takes a change back: the members that it gave, as they were.
fn back_to(was: &Alert, patch: &AlertPatch) -> AlertPatch {
    fn was_if<T>(given: &Patch<T>, was: Option<T>) -> Patch<T> {
        if given.is_absent() { Patch::Absent } else { was.into() }
    }
    AlertPatch {
        condition: patch.condition.and(Some(was.condition)),
        frequency: patch.frequency.and(Some(was.frequency)),
        cooldown_s: was_if(&patch.cooldown_s, was.cooldown_s),
        rearm_percent: patch.rearm_percent.and(Some(was.rearm_percent)),
        session: patch.session.and(Some(was.session)),
        expires_at: was_if(&patch.expires_at, was.expires_at),
        note: was_if(&patch.note, was.note.clone()),
        destinations: patch.destinations.as_ref().map(|_| was.destinations.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::alert::{AlertSession, Condition, Frequency};
    use watchtape_shared::{Percent, Price, Symbol};

    fn alert() -> Alert {
        let at = "2026-11-20T14:32:00Z".parse().expect("a moment");
        Alert {
            id: AlertId::parse("alr_01kaq2f8s5e8rvm0r2j5c4n6xt").expect("an id"),
            symbol: Symbol::parse("AAPL").expect("a symbol"),
            condition: Condition::CrossesAbove { price: Price::parse("200").expect("a price") },
            frequency: Frequency::EveryTime,
            cooldown_s: Some(90),
            rearm_percent: Percent::of_tenths(2),
            session: AlertSession::Extended,
            expires_at: Some(at),
            note: None,
            destinations: Vec::new(),
            state: AlertState::Active,
            version: 4,
            trigger_count: 0,
            last_triggered_at: None,
            created_at: at,
            updated_at: at,
        }
    }

    #[wasm_bindgen_test]
    fn a_change_is_taken_back_by_the_members_that_it_gave() {
        let was = alert();
        let condition = Condition::CrossesAbove { price: Price::parse("205").expect("a price") };
        let patch = AlertPatch { condition: Some(condition), expires_at: Patch::Null, ..AlertPatch::default() };
        let json = serde_json::to_string(&back_to(&was, &patch)).expect("a patch");
        assert_eq!(
            json,
            r#"{"condition":{"type":"crosses_above","price":"200.00"},"expires_at":"2026-11-20T14:32:00Z"}"#
        );
    }

    #[wasm_bindgen_test]
    fn one_that_is_over_is_made_again_without_its_end() {
        assert_eq!(new_of(&alert()).expires_at, alert().expires_at);
        assert_eq!(new_of(&Alert { state: AlertState::Expired, ..alert() }).expires_at, None);
        assert_eq!(described(&[alert(), alert()]), "2 alerts");
        assert_eq!(described(&[alert()]), "“AAPL rises above 200.00”");
    }
}
