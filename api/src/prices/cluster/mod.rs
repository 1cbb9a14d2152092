//! What the nodes share: who of them runs the feed, the rounds it publishes, and what all of them watch. A node that is
//! alone shares with nobody; many nodes share through Redis.
//!
//! The last values and the round's message are one write, so that no node can see the one without the other: cache and
//! bus are one port, not two.

mod keys;
mod link;
mod redis;

pub use redis::{Redis, RedisUrl};

use super::board::{Board, Pulse};
use super::demand::Demand;
use super::round::Publication;
use crate::events::Events;
use crate::limits::Policy;
use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// The nodes of one service.
pub enum Cluster {
    /// This node is alone.
    InProcess,
    /// Nodes on one Redis.
    Redis(Box<Redis>),
}

/// The right to run the feed, until it is lost.
pub struct Term {
    /// Grows with every election: the store refuses a writer with an earlier one.
    pub fence: u64,
    /// What the lease holds while it is this term's.
    token: String,
}

/// Why something was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Another node has been elected, or the term ran out.
    #[error("the lease is lost")]
    Lost,
    /// The store does not answer.
    #[error("the cluster's store does not answer: {0}")]
    Unreachable(String),
}

impl Cluster {
    /// Starts what the node does for the cluster beside the feed: it takes in rounds and events, and tells what it
    /// watches.
    pub fn join(self: &Arc<Self>, board: &Arc<Board>, demand: &Arc<Demand>, events: &Arc<Events>) {
        match &**self {
            Self::InProcess => {
                actix_web::rt::spawn(demand.clone().keep_alone());
            }
            Self::Redis(_) => {
                // Until the first snapshot is in, nothing is known of the others.
                board.set_degraded(true);
                actix_web::rt::spawn(link::follow(self.clone(), board.clone(), demand.clone(), events.clone()));
                actix_web::rt::spawn(link::report_demand(self.clone(), demand.clone()));
                actix_web::rt::spawn(link::send_events(self.clone(), events.clone()));
            }
        }
    }

    /// Waits until this node is elected.
    pub async fn lead(&self) -> Term {
        match self {
            Self::InProcess => Term { fence: 1, token: String::new() },
            Self::Redis(redis) => redis.lead().await,
        }
    }

    /// Waits until the term has to be taken for lost. Renews it meanwhile.
    pub async fn until_lost(&self, term: &Term) {
        match self {
            Self::InProcess => pending().await,
            Self::Redis(redis) => redis.until_lost(term, Instant::now()).await,
        }
    }

    /// The last values that the store holds; none where it holds nothing.
    pub async fn load(&self, board: &Board) -> Result<Option<Publication>, Refusal> {
        match self {
            Self::InProcess => Ok(Some(board.cache.read().to_publication())),
            Self::Redis(redis) => redis.load().await,
        }
    }

    /// Stores a round and sends it to every node, in one write.
    pub async fn publish(&self, term: &Term, board: &Board, publication: Publication) -> Result<(), Refusal> {
        match self {
            Self::InProcess => {
                let _has_gap = board.take(publication);
                Ok(())
            }
            Self::Redis(redis) => redis.publish(term, &publication).await,
        }
    }

    /// Sends what the feed says of itself to every node.
    pub async fn pulse(&self, term: &Term, board: &Board, pulse: Pulse) -> Result<(), Refusal> {
        match self {
            Self::InProcess => {
                board.hear(pulse);
                Ok(())
            }
            Self::Redis(redis) => redis.pulse(term, pulse).await,
        }
    }

    /// Whether this is the first use of a ticket on any node. Where the store does not answer, this node's own memory,
    /// which was asked before, has to do.
    pub async fn claim_ticket(&self, id: &str) -> bool {
        match self {
            Self::InProcess => true,
            Self::Redis(redis) => redis.claim_ticket(id).await.unwrap_or(true),
        }
    }

    /// Takes tokens of a bucket that all nodes share: whether there were so many, and how long it is until it is full.
    /// None where the node is alone, and counts by itself.
    pub async fn take_tokens(
        &self,
        policy: &Policy,
        whom: &str,
        tokens: u32,
    ) -> Option<Result<(bool, Duration), Refusal>> {
        match self {
            Self::InProcess => None,
            Self::Redis(redis) => Some(redis.take_tokens(policy, whom, tokens).await),
        }
    }

    /// Gives the term back, so that another node may begin at once.
    pub async fn resign(&self) {
        if let Self::Redis(redis) = self {
            redis.resign().await;
        }
    }
}
