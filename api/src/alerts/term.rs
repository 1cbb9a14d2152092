//! The evaluation of alerts during one term of the feed: compares prices as they come, follows changed alerts, stores triggers, and
//! tells the next node how far it came. Everything ends with the term; what was not stored is found again from the stored values.

use super::change_log::ChangeLog;
use super::daily_extremes::extremes_before;
use super::engine::AlertEngine;
use super::evaluator::{AlertKey, Evaluator, Extremes, ExtremesRequest};
use super::open_hours::open_since;
use super::outbox::Outbox;
use crate::clock;
use crate::db::Error;
use crate::db::alert_change::Change;
use crate::db::alert_watch::{self, WatchedAlert};
use crate::db::bar::Provenance;
use crate::telemetry::throttled_log::ThrottledLog;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::MissedTickBehavior;
use watchtape_shared::{AlertId, Symbol};

/// Values that are compared in one go.
const BATCH_LEN: usize = 16_384;
/// How often changed alerts are looked for, unless this node is told.
const CHANGES_INTERVAL: Duration = Duration::from_millis(500);
/// Alerts of one query.
pub(super) const ALERTS_PORTION: usize = 500;
/// How often time passes for alerts that wait for it.
const TIME_INTERVAL: Duration = Duration::from_secs(1);
/// The pause before bars that could not be read are asked for again.
const EXTREMES_PAUSE: Duration = Duration::from_secs(1);

static LOG: ThrottledLog = ThrottledLog::new();

/// One term.
pub(super) struct Term<'a> {
    pub(super) engine: &'a AlertEngine,
    evaluator: Arc<Mutex<Evaluator>>,
    pub(super) outbox: Outbox,
    wanted: Mutex<VecDeque<ExtremesRequest>>,
    wanted_added: Notify,
}

impl<'a> Term<'a> {
    pub(super) fn new(engine: &'a AlertEngine, evaluator: Evaluator) -> Self {
        Self {
            engine,
            evaluator: Arc::new(Mutex::new(evaluator)),
            outbox: Outbox::default(),
            wanted: Mutex::default(),
            wanted_added: Notify::new(),
        }
    }

    /// Works until it is dropped.
    pub(super) async fn run(&self) {
        self.report_demand().await;
        tokio::join!(
            self.compare_prices(),
            self.follow_changes(),
            self.pass_time(),
            self.find_extremes(),
            self.write(),
        );
    }

    /// Works on the evaluator off the worker's thread, on which the feed may run.
    pub(super) async fn with<T: Send + 'static>(&self, work: impl FnOnce(&mut Evaluator) -> T + Send + 'static) -> T {
        let evaluator = self.evaluator.clone();
        let done = tokio::task::spawn_blocking(move || {
            // A panic within leaves an alert out of place: the term begins anew.
            let mut evaluator = evaluator.lock().expect("no work on the evaluator has panicked");
            work(&mut evaluator)
        });
        done.await.expect("work on the evaluator does not panic")
    }

    /// Compares prices as they come.
    async fn compare_prices(&self) {
        loop {
            let values = self.engine.inbox.take(BATCH_LEN);
            if values.is_empty() {
                self.engine.inbox.ready().await;
                continue;
            }
            let (triggers, wanted, took) = self
                .with(move |evaluator| {
                    let started = clock::monotonic();
                    let mut triggers = Vec::new();
                    values.iter().for_each(|value| evaluator.apply(value, &mut triggers));
                    (triggers, evaluator.take_wanted_extremes(), started.elapsed())
                })
                .await;
            self.engine.metrics.alerts.evaluation_seconds.inc_by(took.as_secs_f64());
            self.outbox.add(triggers);
            self.want(wanted);
        }
    }

    /// Takes over changed alerts.
    async fn follow_changes(&self) {
        let mut log = ChangeLog::default();
        let mut interval = tokio::time::interval(CHANGES_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = interval.tick() => {}
                () = self.engine.changed.wait() => {}
            }
            if let Err(error) = self.take_changes(&mut log).await
                && LOG.is_due()
            {
                tracing::warn!(%error, "changed alerts cannot be read: trying again");
            }
        }
    }

    async fn take_changes(&self, log: &mut ChangeLog) -> Result<(), Error> {
        let changes = log.look(&self.engine.db).await?;
        for portion in changes.chunks(ALERTS_PORTION) {
            self.reread(portion.iter().map(|Change { id, symbol, .. }| (id.clone(), *symbol)).collect()).await?;
            log.mark(portion);
        }
        if !changes.is_empty() {
            self.report_demand().await;
        }
        Ok(())
    }

    /// Reads alerts again, and goes on with what they are now.
    pub(super) async fn reread(&self, alerts: Vec<(AlertId, Symbol)>) -> Result<(), Error> {
        let ids: Vec<AlertId> = alerts.iter().map(|(id, _)| id.clone()).collect();
        let found = self.engine.db.read(move |connection| alert_watch::find_active(connection, &ids)).await?;
        for error in &found.errors {
            if LOG.is_due() {
                tracing::error!(%error, "an alert cannot be read");
            }
        }
        let apply = move |evaluator: &mut Evaluator| {
            let active: HashSet<AlertId> = found.alerts.iter().map(|alert| alert.id.clone()).collect();
            for (id, symbol) in alerts.iter().filter(|(id, _)| !active.contains(id)) {
                evaluator.remove(*symbol, AlertKey::from(id));
            }
            let mut triggers = Vec::new();
            for alert in &found.alerts {
                if is_newer(evaluator, alert) {
                    evaluator.insert(alert, &mut triggers);
                }
            }
            (triggers, evaluator.take_wanted_extremes())
        };
        let (triggers, wanted) = self.with(apply).await;
        self.outbox.add(triggers);
        self.want(wanted);
        Ok(())
    }

    /// Reports that the symbols of alerts are watched, so that the feed has prices of them.
    pub(super) async fn report_demand(&self) {
        let (symbols, count) = self
            .with(|evaluator| {
                let symbols: HashMap<Symbol, u32> = evaluator
                    .symbols()
                    .map(|(symbol, count)| (symbol, u32::try_from(count).unwrap_or(u32::MAX)))
                    .collect();
                (symbols, evaluator.len())
            })
            .await;
        self.engine.metrics.alerts.loaded.set(i64::try_from(count).unwrap_or(i64::MAX));
        self.engine.node.demand.set_alert_demand(symbols);
    }

    /// Passes time: silences and ends.
    async fn pass_time(&self) {
        let mut interval = tokio::time::interval(TIME_INTERVAL);
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            let (tickers, calendar) = (self.engine.tickers.clone(), self.engine.calendar.clone());
            let (provenance, now) = (Provenance::from(self.engine.node.last_values.source.mode), clock::now());
            let triggers = self
                .with(move |evaluator| {
                    let mut triggers = Vec::new();
                    let open = |symbol, session| open_since(&tickers, &calendar, provenance, (symbol, session), now);
                    evaluator.pass_time(now, open, &mut triggers);
                    triggers
                })
                .await;
            self.outbox.add(triggers);
        }
    }

    fn want(&self, requests: Vec<ExtremesRequest>) {
        if !requests.is_empty() {
            self.wanted.lock().unwrap_or_else(PoisonError::into_inner).extend(requests);
            self.wanted_added.notify_one();
        }
    }

    /// Reads the bars that alerts are compared with, one security at a time.
    async fn find_extremes(&self) {
        loop {
            let next = self.wanted.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(request) = next else {
                self.wanted_added.notified().await;
                continue;
            };
            match self.extremes_of(request).await {
                Ok(extremes) => {
                    let set = move |evaluator: &mut Evaluator| {
                        let mut triggers = Vec::new();
                        evaluator.set_extremes(request, extremes, &mut triggers);
                        triggers
                    };
                    let triggers = self.with(set).await;
                    self.outbox.add(triggers);
                }
                Err(error) => {
                    if LOG.is_due() {
                        tracing::warn!(%error, symbol = %request.symbol, "bars for alerts cannot be read: trying again");
                    }
                    self.want(vec![request]);
                    tokio::time::sleep(EXTREMES_PAUSE).await;
                }
            }
        }
    }

    /// The extremes of as many days; `None` where fewer are known.
    async fn extremes_of(&self, request: ExtremesRequest) -> Result<Option<Extremes>, Error> {
        let ExtremesRequest { symbol, days, day } = request;
        let Some(ticker) = self.engine.tickers.get(&symbol) else { return Ok(None) };
        let bars = self.engine.history.days_before(&ticker, day, days).await?;
        Ok(extremes_before(&bars, day, days).ok())
    }
}

impl Drop for Term<'_> {
    fn drop(&mut self) {
        self.engine.metrics.alerts.loaded.set(0);
        self.engine.node.demand.set_alert_demand(HashMap::new());
    }
}

/// Whether an alert as it was read is newer than what is evaluated. It may have been read before a trigger of its was stored.
fn is_newer(evaluator: &Evaluator, alert: &WatchedAlert) -> bool {
    let known = evaluator.versions_of(alert.symbol, AlertKey::from(&alert.id));
    known.is_none_or(|(version, _)| alert.version > version)
}
