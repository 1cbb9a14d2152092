//! Permits by key: each key has a few at a time and a line of its own, bounded and with a deadline, so that one account's
//! work never makes another's wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Permits by key.
#[derive(Debug)]
pub struct KeyedPermits {
    /// Permits of one key.
    max: usize,
    /// Tasks of one key that may wait for a permit.
    max_waiting: usize,
    lines: Mutex<HashMap<Box<str>, Line>>,
}

/// The holders of one key's permits, and those who wait for one.
#[derive(Debug)]
struct Line {
    permits: Arc<Semaphore>,
    members: usize,
}

/// A permit, given back when it is dropped.
#[derive(Debug)]
pub struct KeyedPermit {
    // Before the place: who waits gets the permit before the line is looked at.
    _permit: OwnedSemaphorePermit,
    _place: Place,
}

/// A place in a key's line.
#[derive(Debug)]
struct Place {
    permits: Arc<KeyedPermits>,
    key: Box<str>,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lines = self.permits.lock();
        if let Some(line) = lines.get_mut(&self.key) {
            line.members -= 1;
            if line.members == 0 {
                lines.remove(&self.key);
            }
        }
    }
}

impl KeyedPermits {
    /// `max` permits for each key, and `max_waiting` tasks that wait for one.
    pub fn new(max: usize, max_waiting: usize) -> Arc<Self> {
        Arc::new(Self { max, max_waiting, lines: Mutex::default() })
    }

    /// A permit of this key; `None` if its line is full, or none is free in time.
    pub async fn acquire(self: &Arc<Self>, key: &str, deadline: Duration) -> Option<KeyedPermit> {
        let (place, semaphore) = self.enter(key)?;
        let permit = tokio::time::timeout(deadline, semaphore.acquire_owned()).await.ok()?.ok()?;
        Some(KeyedPermit { _permit: permit, _place: place })
    }

    fn enter(self: &Arc<Self>, key: &str) -> Option<(Place, Arc<Semaphore>)> {
        let mut lines = self.lock();
        let line =
            lines.entry(key.into()).or_insert_with(|| Line { permits: Arc::new(Semaphore::new(self.max)), members: 0 });
        if line.members >= self.max + self.max_waiting {
            return None;
        }
        line.members += 1;
        Some((Place { permits: self.clone(), key: key.into() }, line.permits.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Line>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::future::join;

    const LONG: Duration = Duration::from_secs(60);

    #[tokio::test(start_paused = true)]
    async fn a_line_is_one_keys_own_bounded_and_leaves_nothing() {
        let permits = KeyedPermits::new(1, 1);
        let first = permits.acquire("a", LONG).await.expect("free");
        let _other = permits.acquire("b", LONG).await.expect("another key has its own");
        let (waiting, refused) = join(permits.acquire("a", Duration::from_secs(1)), permits.acquire("a", LONG)).await;
        assert!(waiting.is_none(), "not in time");
        assert!(refused.is_none(), "one waits already");
        let (second, ()) = join(permits.acquire("a", LONG), async { drop(first) }).await;
        assert!(second.is_some(), "given on to who waits");
        drop((second, _other));
        assert!(permits.lock().is_empty());
    }
}
