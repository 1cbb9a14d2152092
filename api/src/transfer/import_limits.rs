//! The limit on concurrent imports: one for an account, and `MAX_CONCURRENT` for a node.

use super::Error;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit};
use watchtape_shared::UserId;

/// Imports that a node runs at a time.
const MAX_CONCURRENT: usize = 8;

/// Permits to import a file, which may be in memory as a whole. An account has one.
pub struct ImportLimits {
    permits: Semaphore,
    accounts: Mutex<HashSet<UserId>>,
}

/// A permit, released when it is dropped.
pub struct ImportPermit<'a> {
    limits: &'a ImportLimits,
    account: UserId,
    _permit: SemaphorePermit<'a>,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self { permits: Semaphore::new(MAX_CONCURRENT), accounts: Mutex::default() }
    }
}

impl ImportLimits {
    /// A permit for this account; `Busy` if none is left, without waiting.
    pub fn acquire(&self, account: &UserId) -> Result<ImportPermit<'_>, Error> {
        let permit = self.permits.try_acquire().map_err(|_| Error::Busy)?;
        if !self.lock().insert(account.clone()) {
            return Err(Error::Busy);
        }
        Ok(ImportPermit { limits: self, account: account.clone(), _permit: permit })
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<UserId>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ImportPermit<'_> {
    fn drop(&mut self) {
        self.limits.lock().remove(&self.account);
    }
}
