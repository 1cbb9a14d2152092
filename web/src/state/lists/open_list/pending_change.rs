//! A change that the server has not answered.

use super::list_op::ListOp;
use watchtape_shared::WatchlistId;

/// Steps on one list that the server has not answered.
pub(in crate::state) struct PendingChange {
    /// What takes them back.
    pub(super) entry: u32,
    pub(super) list: WatchlistId,
    pub(super) steps: Vec<ListOp>,
    /// What to say where they cannot be done.
    pub(super) attempt: String,
}
