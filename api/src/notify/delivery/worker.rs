//! The loop that drains the outbox on this node: takes rows, has them tried, writes how it went. Rows are taken and results written
//! in one transaction at a time, of whatever there is, while tries are under way.

use super::Senders;
use super::backlog::{Backlog, Limits, Waiting};
use crate::clock;
use crate::db::delivery::{self, Outcome, Tried};
use crate::db::due_delivery::{self, DueDelivery, Wanted};
use crate::db::{self, Db};
use crate::telemetry::metrics::{DeliveryOutcome, Metrics};
use chrono::TimeDelta;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, mpsc};
use tokio::time::MissedTickBehavior;

/// How often a node looks for rows of other nodes, and for those that are due again.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// For how long rows are this node's: while they wait here, and longer than a try may take.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// How long a row may wait here. The rest of its lease is for the try.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// How long a try may have a place that others wait for.
const SLOW_AFTER: Duration = Duration::from_secs(1);
/// Results that could not be written yet, with which no more rows are taken.
const MAX_UNWRITTEN: usize = 2_048;
/// When a try that ended by a fault of the server's own is made again.
const FAULT_DELAY: TimeDelta = TimeDelta::minutes(5);

/// Drains the outbox, for as long as the server runs.
pub struct Deliveries {
    /// The outbox.
    pub db: Db,
    /// The ways out.
    pub senders: Arc<Senders>,
    /// Wakes the loop: rows have been committed on this node.
    pub queued: Arc<Notify>,
    /// How many at a time.
    pub limits: Limits,
    /// The node's metrics.
    pub metrics: Arc<Metrics>,
}

/// What a try reports.
enum Report {
    /// It takes long.
    Slow(u64),
    /// It has ended.
    Ended(u64, Box<DueDelivery>, Tried),
}

/// A row, and when it was taken.
type Taken = (DueDelivery, Instant);

/// What is to be written.
#[derive(Clone, Default)]
struct Unwritten {
    tried: Vec<(DueDelivery, Tried)>,
    given_back: Vec<String>,
}

impl Unwritten {
    fn is_empty(&self) -> bool {
        self.tried.is_empty() && self.given_back.is_empty()
    }

    fn len(&self) -> usize {
        self.tried.len() + self.given_back.len()
    }
}

impl Deliveries {
    /// Never returns.
    pub async fn run(self: Arc<Self>) {
        let mut backlog = Backlog::<Taken>::new(self.limits);
        // Of each try there are at most two, and it waits for room.
        let (reports, mut reported) = mpsc::channel(1_024);
        let mut poll = tokio::time::interval(POLL_INTERVAL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut unwritten = Unwritten::default();
        // The transaction under way, with what it writes.
        let mut writing: Option<(Unwritten, tokio::task::JoinHandle<db::Result<Vec<DueDelivery>>>)> = None;
        let (mut is_due, mut may_be_more, mut is_out_of_reach) = (true, false, false);
        loop {
            self.begin_tries(&mut backlog, &mut unwritten, &reports);
            self.metrics.work.deliveries_waiting.set(i64::try_from(backlog.waiting()).unwrap_or(i64::MAX));
            is_due |= may_be_more && backlog.waiting() < self.limits.waiting / 2 && !unwritten.tried.is_empty();
            let takes = is_due && unwritten.len() < MAX_UNWRITTEN;
            if writing.is_none() && !is_out_of_reach && (takes || !unwritten.is_empty()) {
                let wanted = takes.then(|| wanted(&backlog));
                is_due &= !takes;
                let batch = std::mem::take(&mut unwritten);
                writing = Some((batch.clone(), actix_web::rt::spawn(write(self.db.clone(), batch, wanted))));
            }
            let written = async {
                match &mut writing {
                    Some((_, task)) => task.await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(report) = reported.recv() => {
                    self.note(report, &mut backlog, &mut unwritten);
                    while let Ok(report) = reported.try_recv() {
                        self.note(report, &mut backlog, &mut unwritten);
                    }
                }
                done = written => {
                    let batch = writing.take().map(|(batch, _)| batch).unwrap_or_default();
                    match done.unwrap_or_else(|error| Err(db::Error::Corrupt(error.to_string()))) {
                        Ok(rows) => {
                            may_be_more = !rows.is_empty() || !backlog.full_accounts().is_empty();
                            rows.into_iter().for_each(|row| backlog.push(waiting(row)));
                        }
                        Err(error) => {
                            tracing::warn!(%error, "the outbox could not be read or written");
                            // In its order, and at the next poll.
                            let newer = std::mem::replace(&mut unwritten, batch);
                            unwritten.tried.extend(newer.tried);
                            unwritten.given_back.extend(newer.given_back);
                            is_out_of_reach = true;
                        }
                    }
                }
                () = self.queued.notified() => is_due = true,
                _ = poll.tick() => (is_due, is_out_of_reach) = (true, false),
            }
        }
    }

    fn note(&self, report: Report, backlog: &mut Backlog<Taken>, unwritten: &mut Unwritten) {
        match report {
            Report::Slow(number) => {
                unwritten.given_back.extend(backlog.slow_down(number).into_iter().map(|row| row.item.0.id));
            }
            Report::Ended(number, due, tried) => {
                backlog.end(number);
                self.metrics.work.record_delivery(match tried.outcome {
                    Outcome::Delivered => DeliveryOutcome::Delivered,
                    Outcome::Again(..) => DeliveryOutcome::Again,
                    Outcome::Failed(_) | Outcome::Gone(_) => DeliveryOutcome::Failed,
                });
                unwritten.tried.push((*due, tried));
            }
        }
    }

    fn begin_tries(&self, backlog: &mut Backlog<Taken>, unwritten: &mut Unwritten, reports: &mpsc::Sender<Report>) {
        while let Some((number, row)) = backlog.begin() {
            let (due, taken_at) = row.item;
            if clock::monotonic().duration_since(taken_at) > MAX_WAIT {
                // Another node may have it by the time that a try of it ends.
                backlog.end(number);
                unwritten.given_back.push(due.id);
                continue;
            }
            let (senders, reports) = (self.senders.clone(), reports.clone());
            actix_web::rt::spawn(async move {
                let tried = {
                    let mut work = std::pin::pin!(AssertUnwindSafe(senders.try_once(&due)).catch_unwind());
                    match tokio::time::timeout(SLOW_AFTER, &mut work).await {
                        Ok(tried) => tried,
                        Err(_) => {
                            let _ = reports.send(Report::Slow(number)).await;
                            work.await
                        }
                    }
                };
                let tried = tried.unwrap_or_else(|_| fault());
                // The loop is gone only where it was ended.
                let _ = reports.send(Report::Ended(number, Box::new(due), tried)).await;
            });
        }
    }
}

/// A try that ended by a panic, which is logged.
fn fault() -> Tried {
    let outcome = Outcome::Again("a fault of this server's".to_owned(), FAULT_DELAY);
    Tried { at: clock::now(), took_ms: 0, status: None, answer: None, outcome }
}

fn waiting(due: DueDelivery) -> Waiting<Taken> {
    Waiting {
        account: due.recipient.owner.clone(),
        destination: due.recipient.id.clone(),
        is_failing: due.recipient.is_failing,
        item: (due, clock::monotonic()),
    }
}

fn wanted(backlog: &Backlog<Taken>) -> Wanted {
    let (healthy, failing) = backlog.room();
    Wanted {
        healthy,
        failing,
        per_account: backlog.portion(),
        full_accounts: backlog.full_accounts(),
        full_destinations: backlog.slow_destinations(),
    }
}

/// Writes results and takes rows, in one transaction.
async fn write(db: Db, batch: Unwritten, wanted: Option<Wanted>) -> db::Result<Vec<DueDelivery>> {
    db.write(move |connection| {
        for (due, tried) in &batch.tried {
            let destination = &due.recipient.id;
            if delivery::settle(connection, &due.id, destination, tried)? {
                tracing::info!(%destination, "a destination of alerts was disabled");
            }
        }
        if !batch.given_back.is_empty() {
            due_delivery::release(connection, &batch.given_back)?;
        }
        match wanted {
            Some(wanted) => due_delivery::take_due(connection, &wanted, LEASE),
            None => Ok(Vec::new()),
        }
    })
    .await
}
