//! A round: the symbols that changed since the last one, as stored and sent between nodes, and as encoded for clients.

use super::encoded_row::EncodedRow;
use super::entry::Entry;
use crate::telemetry::traces::TraceContext;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use watchtape_shared::stream::GapReason;

/// A round or a snapshot as it is stored and sent between nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Publication {
    /// The epoch: sequence numbers are ordered only within one.
    pub epoch: Arc<str>,
    /// The term of the node that published it. 0 from a version that counted none.
    #[serde(default)]
    pub term: u64,
    /// The sequence number within the epoch, from 1.
    pub seq: u64,
    /// Why the epoch began.
    #[serde(default = "restarted")]
    pub reason: GapReason,
    /// When the feed published it.
    pub published_at: DateTime<Utc>,
    /// The span that published it, where it is traced.
    #[serde(default, skip_serializing_if = "TraceContext::is_none")]
    pub trace: TraceContext,
    /// The symbols that changed, each once; in a snapshot all with a price.
    pub entries: Vec<Entry>,
}

fn restarted() -> GapReason {
    GapReason::Restarted
}

/// A round for the worker threads, with encoded rows.
#[derive(Debug)]
pub struct Round {
    /// The epoch of `seq`.
    pub epoch: Arc<str>,
    /// The term of the node that published it.
    pub term: u64,
    /// The sequence number within the epoch.
    pub seq: u64,
    /// When the feed published it.
    pub published_at: DateTime<Utc>,
    /// The span that published it, where it is traced.
    pub trace: TraceContext,
    /// The symbols that changed, each once.
    pub updates: Vec<EncodedRow>,
}
