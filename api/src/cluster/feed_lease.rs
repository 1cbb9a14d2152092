//! The lease in Redis by which one node at a time runs the feed: taken, renewed, and released.

use super::redis::Redis;
use super::{Lease, redis_scripts};
use crate::ids::random_token;
use crate::telemetry::throttled_log::LastCause;
use deadpool_redis::redis::Script;
use std::sync::PoisonError;
use std::time::Duration;
use tokio::time::Instant;

/// The lease's lifetime without a renewal. After a node fails, another one acquires it at the earliest then.
const LEASE_DURATION: Duration = Duration::from_millis(2_000);
/// How often the holder renews the lease, and how often other nodes try to acquire it.
const LEASE_RENEWAL_INTERVAL: Duration = Duration::from_millis(400);
/// How long before the lease's expiry its holder stops, for the latency of the last renewal.
const LEASE_MARGIN: Duration = Duration::from_millis(300);

impl Redis {
    pub(super) async fn acquire_lease(&self) -> Lease {
        let script = Script::new(redis_scripts::ACQUIRE_LEASE);
        let mut attempts = tokio::time::interval(LEASE_RENEWAL_INTERVAL);
        attempts.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        // What was told last: a Redis that is full, read-only or refuses the password is told once.
        let mut told = LastCause::default();
        loop {
            attempts.tick().await;
            let mut acquire = script.prepare_invoke();
            acquire
                .key(redis_scripts::LEASE_KEY)
                .key(redis_scripts::FENCE_KEY)
                .arg(&self.node)
                .arg(LEASE_DURATION.as_millis() as u64);
            match self.run::<u64>(&acquire).await {
                Ok(0) => {}
                Ok(fence) => {
                    let token = format!("{fence} {}", self.node);
                    *self.token.lock().unwrap_or_else(PoisonError::into_inner) = Some(token.clone());
                    // Asked after the lease was taken: a Redis that restarts in between has lost the lease too.
                    let store = self.store_name().await.unwrap_or_else(|error| {
                        tracing::warn!(%error, "Redis does not answer INFO: prices begin an epoch anew with each node");
                        // No other store has this name, so that what is stored never counts as continuous.
                        random_token()
                    });
                    tracing::info!(fence, "this node runs the feed");
                    return Lease { fence, token, store };
                }
                Err(error) => {
                    if told.is_new(&error.to_string()) {
                        tracing::warn!(%error, "this node cannot take the feed's lease");
                    }
                }
            }
        }
    }

    pub(super) async fn renew_until_lost(&self, lease: &Lease, acquired_at: Instant) {
        let script = Script::new(redis_scripts::RENEW_LEASE);
        let mut valid_until = acquired_at + LEASE_DURATION - LEASE_MARGIN;
        loop {
            tokio::time::sleep_until((Instant::now() + LEASE_RENEWAL_INTERVAL).min(valid_until)).await;
            let asked_at = Instant::now();
            let mut renew = script.prepare_invoke();
            renew.key(redis_scripts::LEASE_KEY).arg(&lease.token).arg(LEASE_DURATION.as_millis() as u64);
            let renewed = tokio::time::timeout_at(valid_until, self.run::<u64>(&renew)).await;
            match renewed {
                Ok(Ok(1)) => valid_until = asked_at + LEASE_DURATION - LEASE_MARGIN,
                Ok(Ok(_)) => return,
                Ok(Err(_)) if Instant::now() < valid_until => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
    }

    pub(super) async fn release_lease(&self) {
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(token) = token else { return };
        let script = Script::new(redis_scripts::RELEASE_LEASE);
        let mut release = script.prepare_invoke();
        release.key(redis_scripts::LEASE_KEY).arg(token);
        // If this fails, the lease expires.
        let _ = self.run::<u64>(&release).await;
    }
}
