//! What the tasks of the upstream come back with.

use crate::db;
use crate::db::upstream_calls::Reserved;
use crate::feed::vendors::error::VendorError;
use crate::feed::vendors::vendor::Answer;
use chrono::NaiveDate;
use watchtape_shared::Symbol;

/// The result of a task.
pub(super) enum JobResult {
    Called { worker: usize, symbols: Vec<Symbol>, result: Result<Answer, VendorError> },
    Reserved { worker: usize, day: NaiveDate, requested: u32, result: db::Result<Reserved> },
    StreamEnded { worker: usize, connection: u64, error: VendorError },
}
