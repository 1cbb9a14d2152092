//! What a term stores: triggers as they come, and in between the values and phases that the next node goes on with.

use super::evaluator::{AlertKey, Changes};
use super::outbox::Pending;
use super::term::{ALERTS_PORTION, Term};
use crate::clock;
use crate::cluster::events::Event;
use crate::db::alert_watch::{self, StoredPhase, StoredTrigger};
use crate::db::{Error, alert_evaluation, alert_event, alert_value};
use crate::telemetry::throttled_log::{LastCause, ThrottledLog};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchtape_shared::{AlertEventId, AlertId, Symbol};

/// How often the last values are stored, and of how many symbols in one transaction.
const VALUES_INTERVAL: Duration = Duration::from_secs(1);
const VALUES_PORTION: usize = 200;
/// Storing values takes at most this share of the time.
const VALUES_SHARE: u32 = 10;
/// How often it is noted how far this node came, where no value changes.
const NOTE_INTERVAL: Duration = Duration::from_secs(5);
/// Pauses after a failure, the first and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(1));
/// How often a trigger is tried by itself before it is given up.
const MAX_FAILURES: u32 = 5;

static LOG: ThrottledLog = ThrottledLog::new();

impl Term<'_> {
    /// Stores triggers as they come, and in between how far this node came. One write at a time: what is written last is newest.
    pub(super) async fn write(&self) {
        let (mut pause, mut failing) = (PAUSES.0, LastCause::default());
        let started = clock::monotonic();
        let (mut values_due, mut noted_at) = (started + VALUES_INTERVAL, started);
        loop {
            let portion = self.outbox.take();
            let written = if !portion.is_empty() {
                self.store_triggers(portion).await
            } else if clock::monotonic() < values_due {
                let rest = values_due.saturating_duration_since(clock::monotonic());
                let _ = tokio::time::timeout(rest, self.outbox.added()).await;
                continue;
            } else {
                let began = clock::monotonic();
                let written = self.store_progress(&mut noted_at).await;
                let least = if matches!(written, Ok(true)) { Duration::ZERO } else { VALUES_INTERVAL };
                values_due = began + least.max(began.elapsed() * VALUES_SHARE);
                written.map(|_| ())
            };
            match written {
                Ok(()) => {
                    pause = PAUSES.0;
                    if failing.is_new("") {
                        tracing::info!("triggers of alerts are stored again");
                    }
                }
                Err(error) => {
                    if failing.is_new(&error.to_string()) {
                        tracing::warn!(%error, "triggers of alerts cannot be stored: trying again until they are");
                    }
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(PAUSES.1);
                }
            }
        }
    }

    /// Stores a portion of triggers. On an error it waits in front of the others; where the error is of a row's own, only that row
    /// does, behind them.
    async fn store_triggers(&self, portion: Vec<Pending>) -> Result<(), Error> {
        match self.try_to_store(&portion).await {
            Ok(()) => Ok(()),
            Err(error) if is_outage(&error) => {
                self.outbox.put_back(portion);
                Err(error)
            }
            Err(error) if portion.len() == 1 => {
                for mut pending in portion {
                    pending.failures += 1;
                    let alert = AlertId::from(pending.trigger.key);
                    if pending.failures < MAX_FAILURES {
                        self.outbox.postpone(pending);
                    } else {
                        tracing::error!(%error, %alert, "a trigger cannot be stored, and is given up");
                        self.start_anew(vec![(alert, pending.trigger.symbol, pending.trigger.arming)]).await;
                    }
                }
                Ok(())
            }
            Err(_) => {
                // By themselves, so that one bad row holds up none of the others.
                let mut rest = portion.into_iter();
                while let Some(pending) = rest.next() {
                    if let Err(error) = Box::pin(self.store_triggers(vec![pending])).await {
                        self.outbox.put_back_behind_first(rest.collect());
                        return Err(error);
                    }
                }
                Ok(())
            }
        }
    }

    async fn try_to_store(&self, portion: &[Pending]) -> Result<(), Error> {
        let now = clock::now();
        let (new, values): (Vec<_>, _) =
            (portion.iter().map(|pending| pending.to_new(now)).collect(), self.outbox.values_of(portion));
        let write = move |connection: &mut _| {
            let stored = alert_watch::store_triggers(connection, &new, &values)?;
            let left: Vec<AlertEventId> = {
                let ids: HashSet<&AlertEventId> = stored.iter().map(|stored| &stored.event.id).collect();
                new.iter().map(|new| new.event_id.clone()).filter(|id| !ids.contains(id)).collect()
            };
            // Of a try whose answer was lost: it had been stored after all.
            let before = if left.is_empty() { Vec::new() } else { alert_event::find(connection, &left)? };
            Ok((stored, before))
        };
        let (stored, before) = self.engine.db.write(write).await?;
        let mut lost: HashMap<AlertId, Symbol> =
            portion.iter().map(|pending| (AlertId::from(pending.trigger.key), pending.trigger.symbol)).collect();
        let has_deliveries = !before.is_empty() || stored.iter().any(|stored| stored.deliveries > 0);
        for stored in &stored {
            lost.remove(&stored.event.alert_id);
        }
        let settled: Vec<(Symbol, AlertKey, u32)> = stored
            .iter()
            .map(|stored| (stored.event.symbol, AlertKey::from(&stored.event.alert_id), stored.version))
            .collect();
        let armings: HashMap<AlertKey, u32> =
            portion.iter().map(|pending| (pending.trigger.key, pending.trigger.arming)).collect();
        let numbers = armings.clone();
        self.with(move |evaluator| {
            for (symbol, key, version) in settled {
                evaluator.settle(symbol, key, numbers[&key], version);
            }
        })
        .await;
        let metrics = &self.engine.metrics.alerts;
        for StoredTrigger { owner, event, .. } in &stored {
            metrics.triggers.inc();
            metrics.late_triggers.inc_by(u64::from(event.late_s.is_some()));
            self.engine.node.events.publish(Event::AlertTriggered(owner.clone(), event.clone()));
        }
        for (owner, event) in before {
            metrics.triggers.inc();
            metrics.late_triggers.inc_by(u64::from(event.late_s.is_some()));
            self.engine.node.events.publish(Event::AlertTriggered(owner, Arc::new(event)));
        }
        if has_deliveries {
            self.engine.queued.notify_one();
        }
        if lost.is_empty() {
            return Ok(());
        }
        // They were changed meanwhile, or another node has stored them.
        let arming_of = |id: &AlertId| armings[&AlertKey::from(id)];
        self.start_anew(lost.into_iter().map(|(id, symbol)| (id.clone(), symbol, arming_of(&id))).collect()).await;
        Ok(())
    }

    /// Gives up what is known of alerts, as far as they are at these arming numbers, and reads them again.
    async fn start_anew(&self, alerts: Vec<(AlertId, Symbol, u32)>) {
        let known: Vec<(AlertKey, Symbol, u32)> =
            alerts.iter().map(|(id, symbol, arming)| (AlertKey::from(id), *symbol, *arming)).collect();
        self.with(move |evaluator| {
            for (key, symbol, arming) in known {
                if evaluator.versions_of(symbol, key).is_some_and(|(_, known)| known == arming) {
                    evaluator.remove(symbol, key);
                }
            }
        })
        .await;
        self.reread_until_through(alerts.into_iter().map(|(id, symbol, _)| (id, symbol)).collect()).await;
    }

    /// The same as [`Self::reread`], until the database has answered: the alerts are evaluated by nobody meanwhile.
    async fn reread_until_through(&self, alerts: Vec<(AlertId, Symbol)>) {
        let mut pause = PAUSES.0;
        while let Err(error) = self.reread(alerts.clone()).await {
            if LOG.is_due() {
                tracing::warn!(%error, "alerts cannot be read: trying again");
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Stores a portion of the values and phases that have changed, and how far this node came; and ends alerts whose time is over.
    /// Returns whether there may be more.
    async fn store_progress(&self, noted_at: &mut Instant) -> Result<bool, Error> {
        // Before it is looked what waits: what comes after this moment is not said to be compared.
        let now = clock::now();
        let waiting = self.engine.inbox.oldest_seen_at().into_iter().chain(self.outbox.oldest_seen_at()).min();
        let until = waiting.map_or(now, |at| at.min(now));
        let (changes, expired, count) = self
            .with(|evaluator| (evaluator.take_changes(VALUES_PORTION), evaluator.take_expired(), evaluator.len()))
            .await;
        if !expired.is_empty() {
            let ids: Vec<AlertId> = expired.iter().map(|key| AlertId::from(*key)).collect();
            for portion in ids.chunks(ALERTS_PORTION) {
                let portion = portion.to_vec();
                let end = move |connection: &mut _| alert_watch::expire(connection, &portion, now);
                if let Err(error) = self.engine.db.write(end).await {
                    self.with(move |evaluator| evaluator.restore_expired(expired)).await;
                    self.with(move |evaluator| evaluator.restore_changes(changes)).await;
                    return Err(error);
                }
            }
            self.report_demand().await;
        }
        let is_full = changes.len() == VALUES_PORTION;
        if changes.is_empty() && (count == 0 || noted_at.elapsed() < NOTE_INTERVAL) {
            return Ok(false);
        }
        if let Err(error) = self.store_changes(&changes, until).await {
            self.with(move |evaluator| evaluator.restore_changes(changes)).await;
            return Err(error);
        }
        *noted_at = clock::monotonic();
        Ok(is_full)
    }

    async fn store_changes(&self, changes: &[Changes], until: DateTime<Utc>) -> Result<(), Error> {
        let values: Vec<_> = changes.iter().flat_map(|changes| changes.values.clone()).collect();
        let phases = changes.iter().flat_map(|changes| &changes.phases).map(|(key, arming, phase)| StoredPhase {
            id: AlertId::from(*key),
            arming: *arming,
            phase: *phase,
        });
        let phases: Vec<StoredPhase> = phases.collect();
        let write = move |connection: &mut _| {
            alert_value::store(connection, &values)?;
            alert_watch::store_phases(connection, &phases)?;
            alert_evaluation::note(connection, until)
        };
        self.engine.db.write(write).await
    }
}

/// Whether the database failed, and not a row.
fn is_outage(error: &Error) -> bool {
    matches!(error, Error::Busy | Error::Unreachable | Error::StorageFull(_) | Error::NotWritable(_))
}
