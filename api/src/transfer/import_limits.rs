//! Limits on imports: an account uploads one file at a time; a node holds so many bytes of uploads; and so many files are
//! parsed at a time. A turn to be parsed is waited for once the file is there, so that a slow upload keeps nobody waiting.

use super::Error;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use watchtape_shared::UserId;

/// Files that a node parses at a time.
const MAX_PARSED: usize = 4;
/// How long a file waits for its turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(10);
/// Kibibytes of files that a node holds.
const MAX_HELD_KIB: usize = 512 * 1024;

/// Permits to import files, each of which may be in memory as a whole.
pub struct ImportLimits {
    turns: Arc<Semaphore>,
    held_kib: Arc<Semaphore>,
    accounts: Mutex<HashSet<UserId>>,
}

/// An account's upload, which ends when this is dropped.
pub struct Upload<'a> {
    limits: &'a ImportLimits,
    account: UserId,
    held: OwnedSemaphorePermit,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(MAX_PARSED)),
            held_kib: Arc::new(Semaphore::new(MAX_HELD_KIB)),
            accounts: Mutex::default(),
        }
    }
}

impl ImportLimits {
    /// Begins an upload. `Busy`, without waiting, if the account has one under way.
    pub fn begin_upload(&self, account: &UserId) -> Result<Upload<'_>, Error> {
        let held = self.held_kib.clone().try_acquire_many_owned(0).map_err(|_| Error::Busy)?;
        if !self.lock().insert(account.clone()) {
            return Err(Error::Busy);
        }
        Ok(Upload { limits: self, account: account.clone(), held })
    }

    /// A turn to parse an uploaded file; `Busy` if none is free in time.
    pub async fn turn(&self) -> Result<OwnedSemaphorePermit, Error> {
        let turn = tokio::time::timeout(TURN_TIMEOUT, self.turns.clone().acquire_owned()).await;
        turn.map_err(|_| Error::Busy)?.map_err(|_| Error::Busy)
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Upload<'_> {
    /// Holds so many bytes in all: as many as have arrived, and not as many as are announced. `Busy`, without waiting, if the
    /// node holds too much.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Error> {
        let missing = (bytes / 1024 + 1).saturating_sub(self.held.num_permits());
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let more = self.limits.held_kib.clone().try_acquire_many_owned(missing).map_err(|_| Error::Busy)?;
        self.held.merge(more);
        Ok(())
    }
}

impl Drop for Upload<'_> {
    fn drop(&mut self) {
        self.limits.lock().remove(&self.account);
    }
}
