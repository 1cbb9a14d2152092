//! Limits on open connections of the stream on this node: of an account, of a client address, and of all connections
//! that have not authenticated yet.

use super::Client;
use std::any::Any;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use watchtape_shared::UserId;

/// Counts open connections. Not used on the path of prices.
pub struct ConnectionLimits {
    by_account: Arc<Counts<UserId>>,
    by_address: Arc<Counts<String>>,
    unauthenticated: Arc<Counts<()>>,
}

/// Which limit on open connections is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TooManyConnections {
    /// The limit of the account.
    #[error("This account has too many open connections")]
    OfAccount,
    /// The limit of the client address.
    #[error("This address has too many open connections")]
    OfAddress,
    /// The limit of all connections that have not authenticated yet.
    #[error("Too many connections have not presented a ticket yet")]
    Unauthenticated,
}

struct Counts<K> {
    max: usize,
    open: Mutex<HashMap<K, usize>>,
}

/// The slot of one connection, released when it is dropped.
pub struct Slot {
    _guard: Box<dyn Any>,
}

struct SlotGuard<K: Eq + Hash> {
    counts: Arc<Counts<K>>,
    key: K,
}

impl<K: Eq + Hash> Drop for SlotGuard<K> {
    fn drop(&mut self) {
        let mut open = self.counts.lock();
        if let Some(count) = open.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.key);
            }
        }
    }
}

impl<K> Counts<K> {
    fn new(max: u32) -> Arc<Self> {
        let max = if max == 0 { usize::MAX } else { max as usize };
        Arc::new(Self { max, open: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn enter<K: Eq + Hash + Clone + 'static>(counts: &Arc<Counts<K>>, key: K) -> Option<Slot> {
    let mut open = counts.lock();
    let count = open.entry(key.clone()).or_default();
    if *count >= counts.max {
        return None;
    }
    *count += 1;
    Some(Slot { _guard: Box::new(SlotGuard { counts: counts.clone(), key }) })
}

impl ConnectionLimits {
    /// Maximum of connections of an account, from a client address, and of all that have not authenticated; 0: no
    /// limit.
    pub fn new(per_account: u32, per_address: u32, unauthenticated: u32) -> Self {
        Self {
            by_account: Counts::new(per_account),
            by_address: Counts::new(per_address),
            unauthenticated: Counts::new(unauthenticated),
        }
    }

    /// A slot for another connection of this account.
    pub fn enter_account(&self, user: &UserId) -> Result<Slot, TooManyConnections> {
        enter(&self.by_account, user.clone()).ok_or(TooManyConnections::OfAccount)
    }

    /// The accounts that have an open connection.
    pub fn accounts(&self) -> Vec<UserId> {
        self.by_account.lock().keys().cloned().collect()
    }

    /// A slot for another connection that has not authenticated.
    pub fn enter_unauthenticated(&self) -> Result<Slot, TooManyConnections> {
        enter(&self.unauthenticated, ()).ok_or(TooManyConnections::Unauthenticated)
    }

    /// A slot for another connection from this client's IPv4 address or IPv6 /64 network.
    pub fn enter_address(&self, client: &Client) -> Result<Slot, TooManyConnections> {
        enter(&self.by_address, client.bucket_key()).ok_or(TooManyConnections::OfAddress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::audit::RequestInfo;

    #[test]
    fn a_place_is_given_back_and_zero_is_no_limit() {
        let user = crate::ids::user();
        let limited = ConnectionLimits::new(2, 1, 1);
        let first = limited.enter_account(&user).expect("room");
        let _second = limited.enter_account(&user).expect("room");
        assert!(limited.enter_account(&user).is_err());
        assert!(limited.enter_account(&crate::ids::user()).is_ok(), "another account has its own");
        drop(first);
        assert!(limited.enter_account(&user).is_ok());
        let at = |address: &str| Client { address: address.parse().ok(), request_info: RequestInfo::default() };
        let _held = limited.enter_address(&at("2001:db8::1")).expect("room");
        assert!(limited.enter_address(&at("2001:db8::2")).is_err(), "one network");
        assert!(limited.enter_address(&at("2001:db8:0:1::1")).is_ok());
        let unlimited = ConnectionLimits::new(0, 0, 0);
        let all: Vec<_> = (0..300).map(|_| unlimited.enter_account(&user)).collect();
        assert!(all.iter().all(Result::is_ok));
    }
}
