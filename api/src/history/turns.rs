//! Turns to compute: one for an account at a time, and as many for all as there are cores, each in a line with a deadline.

use crate::db::{Error, Result};
use crate::keyed_permits::{KeyedPermit, KeyedPermits};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use watchtape_shared::UserId;

/// How long a computation waits, for others of its account and then for those of all.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Computations of an account that wait for another of its own.
const MAX_WAITING: usize = 16;

/// The turns of a node.
pub(super) struct Turns {
    of_accounts: Arc<KeyedPermits>,
    of_all: Arc<Semaphore>,
}

/// A turn, which ends when it is dropped.
pub(super) struct Turn {
    _own: KeyedPermit,
    _shared: OwnedSemaphorePermit,
}

impl Turns {
    /// As many at a time as there are cores.
    pub(super) fn new(cores: usize) -> Self {
        Self { of_accounts: KeyedPermits::new(1, MAX_WAITING), of_all: Arc::new(Semaphore::new(cores)) }
    }

    /// A turn for this account: [`Error::AccountBusy`] or [`Error::Busy`] if there is none in time.
    pub(super) async fn take(&self, account: &UserId) -> Result<Turn> {
        // The account's own line first: however many it asks for, one of it stands in the line of all.
        let own = self.of_accounts.acquire(account.as_str(), TIMEOUT).await.ok_or(Error::AccountBusy)?;
        let shared = tokio::time::timeout(TIMEOUT, self.of_all.clone().acquire_owned()).await;
        let Ok(Ok(shared)) = shared else { return Err(Error::Busy) };
        Ok(Turn { _own: own, _shared: shared })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[tokio::test(start_paused = true)]
    async fn one_account_waits_for_itself_and_others_do_not() {
        let (turns, greedy, other) = (Turns::new(2), ids::user(), ids::user());
        let held = turns.take(&greedy).await.expect("a turn");
        assert!(matches!(turns.take(&greedy).await, Err(Error::AccountBusy)));
        let second = turns.take(&other).await.expect("the other core");
        assert!(matches!(turns.take(&ids::user()).await, Err(Error::Busy)), "no core is left");
        drop(held);
        turns.take(&greedy).await.expect("given back");
        drop(second);
    }
}
