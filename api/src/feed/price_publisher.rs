//! The only writer of prices: publishes each batch of a provider's ticks as a round of changed symbols. Runs on one node of a
//! cluster at a time: the one that holds the lease. The time for which it does is a term.

use super::provider::{Provider, Tick};
use super::round_builder::RoundBuilder;
use crate::clock::{self, StepDetector};
use crate::cluster::entry::Entry;
use crate::cluster::last_values::{FeedHeartbeat, Offer};
use crate::cluster::{ClusterError, Lease, Node, Stored};
use crate::db::bar::Provenance;
use crate::db::{Db, feed_term};
use crate::search::LiveIndex;
use crate::telemetry::throttled_log::LastCause;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior};
use watchtape_shared::stream::GapReason;

/// How often the feed's state is published.
const HEARTBEAT_INTERVAL: Duration = Duration::from_secs(1);
/// How long the database may take to number a term.
const TERM_DEADLINE: Duration = Duration::from_secs(1);
/// The delay before a source that could not be opened is tried again.
const OPEN_RETRY_DELAY: Duration = Duration::from_secs(2);
/// The delay before the next term.
const RETRY_DELAY: Duration = Duration::from_millis(200);

/// Opens the provider of a term.
pub type OpenProvider = Box<dyn Fn() -> Result<Box<dyn Provider>, String>>;

/// What the publisher tells those that are above it: the bar recorder and the alerts.
#[derive(Clone, Copy)]
pub enum FeedEvent<'a> {
    /// A term begins on this node, with these last values.
    TermBegan(&'a [Entry]),
    /// A tick was accepted, at this time of the node, and this is its symbol's entry now.
    Accepted(&'a Tick, &'a Entry, DateTime<Utc>),
    /// Newer values of other nodes were taken over.
    TookOver(&'a [Entry]),
    /// The term is over.
    TermEnded,
}

/// Called with every event, in order. Must not wait.
pub type OnFeedEvent = Box<dyn Fn(FeedEvent<'_>)>;

/// The task that runs the feed.
pub struct PricePublisher {
    /// This node of the cluster.
    pub node: Arc<Node>,
    /// Numbers the terms.
    pub db: Db,
    /// The catalogue. Prices of other symbols are dropped.
    pub tickers: Arc<LiveIndex>,
    /// Called with what happens.
    pub on_event: OnFeedEvent,
    /// Opens the provider of each term but the first.
    pub open_provider: OpenProvider,
}

impl PricePublisher {
    /// Runs a term whenever this node holds the lease. Never returns. `opened` is the provider of the first term.
    pub async fn run(&self, mut opened: Option<Box<dyn Provider>>) {
        // A run before this one may have ended in the middle of a term.
        (self.on_event)(FeedEvent::TermEnded);
        self.node.last_values.set_runs_feed(false);
        self.node.cluster.release_lease().await;
        let mut told = LastCause::default();
        loop {
            // Before the lease is taken: it is not renewed meanwhile.
            let provider = match opened.take().map_or_else(|| (self.open_provider)(), Ok) {
                Ok(provider) => provider,
                Err(error) => {
                    tracing::warn!(error, "the source of prices cannot be opened");
                    tokio::time::sleep(OPEN_RETRY_DELAY).await;
                    continue;
                }
            };
            let lease = self.node.cluster.acquire_lease().await;
            self.node.last_values.set_runs_feed(true);
            let outcome = tokio::select! {
                outcome = self.run_term(&lease, provider) => outcome.map_err(|error| error.to_string()),
                () = self.node.cluster.renew_until_lost(&lease) => Err(ClusterError::LeaseLost.to_string()),
            };
            (self.on_event)(FeedEvent::TermEnded);
            if let Err(error) = outcome
                && told.is_new(&error)
            {
                tracing::warn!(fence = lease.fence, error, "this node no longer runs the feed");
            }
            self.node.last_values.set_runs_feed(false);
            self.node.cluster.release_lease().await;
            tokio::time::sleep(RETRY_DELAY).await;
        }
    }

    /// Runs one term from the last values on, until publishing fails.
    async fn run_term(&self, lease: &Lease, mut provider: Box<dyn Provider>) -> Result<(), TermError> {
        let mut builder = self.open_builder(lease).await?;
        let entries = builder.entries();
        provider.resume(&entries);
        (self.on_event)(FeedEvent::TermBegan(&entries));
        drop(entries);
        let mut last_batch_at = None;
        let mut ended = false;
        let mut steps = StepDetector::new(clock::now(), clock::monotonic());
        let mut heartbeats = tokio::time::interval(HEARTBEAT_INTERVAL);
        heartbeats.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            tokio::select! {
                ticks = provider.next(), if !ended => match ticks {
                    Some(ticks) => {
                        let began = Instant::now();
                        last_batch_at = Some(began);
                        let now = clock::now();
                        let tell = |tick: &Tick, entry: &Entry| (self.on_event)(FeedEvent::Accepted(tick, entry, now));
                        if let Some(publication) = builder.build(&ticks, now, tell) {
                            self.node.publish(lease, publication).await?;
                            self.node.metrics.feed.round_duration.observe(began.elapsed().as_secs_f64());
                        }
                    }
                    None => {
                        ended = true;
                        heartbeats.reset_immediately();
                        tracing::info!(source = self.node.last_values.source.source, "the replay has ended");
                    }
                },
                _ = heartbeats.tick() => {
                    if let Some(step) = steps.step(clock::now(), clock::monotonic()) {
                        tracing::warn!(seconds = step.num_seconds(), "the clock has been set: a new epoch begins");
                        self.begin_epoch(lease, &mut builder, GapReason::ClockSet, 0).await?;
                    }
                    if let Some(offer) = self.node.take_offers().await? {
                        let taken = self.take_over(lease, &mut builder, offer).await?;
                        provider.resume(&taken);
                        (self.on_event)(FeedEvent::TookOver(&taken));
                    }
                    let silent = last_batch_at.map(|at: Instant| at.elapsed().as_millis());
                    let silent_ms = silent.map(|silent| u64::try_from(silent).unwrap_or(u64::MAX));
                    let (sources, unpriced) = (provider.health(), provider.unpriced());
                    let stale = builder.set_unpriced(&unpriced);
                    if let Some(round) = builder.next_round(stale, clock::now()) {
                        self.node.publish(lease, round).await?;
                    }
                    let heartbeat = FeedHeartbeat { silent_ms, ended, sources, unpriced };
                    self.node.publish_heartbeat(lease, heartbeat).await?;
                }
            }
        }
    }

    /// Goes on after the stored last values, in a new term. The epoch goes on with them unless they may not be the newest
    /// (the store is empty, was restarted, or is behind this node's own copy), are of another provenance (simulated and real
    /// prices never mix), or are dated in the future.
    async fn open_builder(&self, lease: &Lease) -> Result<RoundBuilder, TermError> {
        let stored = self.node.load(lease).await?;
        let own = self.node.last_values.cache.read().to_publication();
        let is_continuous = stored.as_ref().is_some_and(|Stored { last, is_continuous }| {
            *is_continuous && (last.epoch != own.epoch || last.seq >= own.seq)
        });
        let mut last = stored.map_or_else(|| own.clone(), |stored| stored.last);
        let stored_entries = last.entries.len();
        last.entries.retain(|entry| self.has_same_provenance(entry));
        let is_other_source = last.entries.len() < stored_entries;
        let term = self.next_term(last.term.max(own.term)).await?;
        let mut builder = RoundBuilder::resume(self.tickers.clone(), last, term);
        if !is_continuous {
            builder.merge(own.entries.into_iter().filter(|entry| self.has_same_provenance(entry)));
        }
        let reason = if is_other_source {
            Some(GapReason::SourceChanged)
        } else if builder.is_ahead_of(clock::now()) {
            Some(GapReason::ClockSet)
        } else if is_continuous {
            None
        } else {
            Some(GapReason::Restarted)
        };
        if let Some(reason) = reason {
            self.node.publish(lease, builder.begin_epoch(term, reason, clock::now())).await?;
        }
        Ok(builder)
    }

    fn has_same_provenance(&self, entry: &Entry) -> bool {
        Provenance::from(entry.quote.mode) == Provenance::from(self.node.last_values.source.mode)
    }

    /// Begins a new epoch, in a term above the present one and `known`.
    async fn begin_epoch(
        &self,
        lease: &Lease,
        builder: &mut RoundBuilder,
        reason: GapReason,
        known: u64,
    ) -> Result<(), TermError> {
        let term = self.next_term(builder.term().max(known)).await?;
        Ok(self.node.publish(lease, builder.begin_epoch(term, reason, clock::now())).await?)
    }

    /// Publishes what nodes hold and the feed did not know, and returns it. Where a node has seen a term that is not below this
    /// one, or a time that is still to come, a new epoch begins.
    async fn take_over(
        &self,
        lease: &Lease,
        builder: &mut RoundBuilder,
        offer: Offer,
    ) -> Result<Vec<Entry>, TermError> {
        let taken = builder.merge(offer.entries.into_iter().filter(|entry| self.has_same_provenance(entry)));
        let now = clock::now();
        if builder.is_ahead_of(now) {
            self.begin_epoch(lease, builder, GapReason::ClockSet, 0).await?;
        } else if let Some(newer) = offer.outdated.filter(|outdated| builder.is_of(&outdated.epoch)) {
            self.begin_epoch(lease, builder, GapReason::Restarted, newer.term).await?;
        } else if let Some(round) = builder.next_round(taken.clone(), now) {
            self.node.publish(lease, round).await?;
        }
        if !taken.is_empty() {
            tracing::info!(count = taken.len(), "took over newer prices of other nodes");
        }
        Ok(taken)
    }

    /// The number of a new term, above `known`. While the database takes no writes it is counted from what this node has seen
    /// and can read; a node of a cluster that knows of no term waits.
    async fn next_term(&self, known: u64) -> Result<u64, TermError> {
        let counted = self.db.write(move |connection| feed_term::next(connection, known));
        let error = match tokio::time::timeout(TERM_DEADLINE, counted).await {
            Ok(Ok(term)) => return Ok(term),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the database does not answer".to_owned(),
        };
        let newest = tokio::time::timeout(TERM_DEADLINE, self.db.read(feed_term::newest)).await;
        let known = newest.ok().and_then(Result::ok).unwrap_or_default().max(known);
        if known == 0 && self.node.cluster.is_shared() {
            return Err(TermError::Uncounted(error));
        }
        Ok(known + 1)
    }
}

/// Why a term has ended.
#[derive(Debug, thiserror::Error)]
enum TermError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A node that has seen no term yet needs the database to number its own.
    #[error("the term could not be counted: {0}")]
    Uncounted(String),
}
