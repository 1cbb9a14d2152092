//! Limits on imports: an account uploads one file at a time; a node holds so many bytes of uploads; and so many files are
//! parsed at a time. A turn to be parsed is waited for once the file is there, so that a slow upload keeps nobody waiting.

use super::Error;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use watchtape_shared::UserId;

/// Files that a node parses at a time.
const MAX_PARSED: usize = 4;
/// How long a file waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// Kibibytes of files that a node holds.
const MAX_HELD_KIB: usize = 512 * 1024;

/// Permits to import files, each of which may be in memory as a whole.
pub struct ImportLimits {
    turns: Semaphore,
    held_kib: Arc<Semaphore>,
    accounts: Mutex<HashSet<UserId>>,
}

/// An account's upload, which ends when this is dropped.
pub struct Upload<'a> {
    limits: &'a ImportLimits,
    account: UserId,
    _held: OwnedSemaphorePermit,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self {
            turns: Semaphore::new(MAX_PARSED),
            held_kib: Arc::new(Semaphore::new(MAX_HELD_KIB)),
            accounts: Mutex::default(),
        }
    }
}

impl ImportLimits {
    /// Begins an upload of at most so many bytes. `Busy`, without waiting, if the account has one under way, or the node
    /// holds too much.
    pub fn begin_upload(&self, account: &UserId, max_bytes: usize) -> Result<Upload<'_>, Error> {
        let kib = u32::try_from(max_bytes / 1024 + 1).unwrap_or(u32::MAX);
        let held = self.held_kib.clone().try_acquire_many_owned(kib).map_err(|_| Error::Busy)?;
        if !self.lock().insert(account.clone()) {
            return Err(Error::Busy);
        }
        Ok(Upload { limits: self, account: account.clone(), _held: held })
    }

    /// A turn to parse an uploaded file; `Busy` if none is free in time.
    pub async fn turn(&self) -> Result<SemaphorePermit<'_>, Error> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turns.acquire()).await;
        turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.limits.lock().remove(&self.account);
    }
}
