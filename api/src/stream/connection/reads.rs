//! When something that a connection follows is read: one read of it at a time, one more where it changed meanwhile, and again
//! where one failed.

use super::{READ_DEADLINE, READ_TURN_TIMEOUT};
use crate::clock;
use crate::db::{self, DbConnection};
use crate::stream::state::StreamState;
use std::sync::Arc;
use std::time::Instant;
use watchtape_shared::UserId;

/// The reads of one followed list, or of the set of them.
#[derive(Default)]
pub(super) struct Reads {
    is_reading: bool,
    /// Whether it was changed or watched again since the current read began, so that another read must follow.
    is_outdated: bool,
    /// Since when its reads have failed.
    failing_since: Option<Instant>,
}

impl Reads {
    /// Whether a read may begin now. While one is under way, another follows it.
    pub(super) fn begin(&mut self) -> bool {
        self.is_outdated |= self.is_reading;
        !std::mem::replace(&mut self.is_reading, true)
    }

    /// A read that was put off begins anew.
    pub(super) fn reset(&mut self) {
        (self.is_reading, self.is_outdated) = (false, false);
    }

    /// A read has ended. Returns whether another must follow.
    pub(super) fn succeed(&mut self) -> bool {
        (self.is_reading, self.failing_since) = (false, None);
        std::mem::take(&mut self.is_outdated)
    }

    /// A read has failed. Returns whether it is to be tried again.
    pub(super) fn fail(&mut self) -> bool {
        self.failing_since.get_or_insert_with(clock::monotonic).elapsed() <= READ_DEADLINE
    }
}

/// Reads from the database, one read of an account at a time.
pub(super) async fn read<T: Send + 'static>(
    state: Arc<StreamState>,
    account: UserId,
    work: impl FnOnce(&mut DbConnection, &UserId) -> db::Result<T> + Send + 'static,
) -> db::Result<T> {
    let turn = state.list_reads.acquire(account.as_str(), READ_TURN_TIMEOUT).await;
    let _turn = turn.ok_or(db::Error::AccountBusy)?;
    state.db.of(&account.clone()).snapshot(move |connection| work(connection, &account)).await
}
