//! A change that waits for the server.

use super::list_op::ListOp;
use crate::api::IdempotencyKey;
use watchtape_shared::WatchlistId;

/// Operations on one list that the server has not answered.
pub(in crate::state) struct PendingChange {
    /// The id of its entry on the undo stack.
    pub(super) undo_id: u32,
    pub(super) list: WatchlistId,
    pub(super) ops: Vec<ListOp>,
    /// The text if it fails.
    pub(super) attempt: String,
    /// What its requests' keys are made of, by how many operations are left.
    pub(super) key: IdempotencyKey,
}
