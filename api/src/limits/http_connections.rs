//! Limits on open HTTP connections: of a client address, and of all together, below the limit of open files. A connection
//! beyond its limit gets one answer, to a probe; a few beyond that are closed at once. So there is always room to be asked
//! how the server fares.

use super::client::network_of;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Open files that are not clients' connections: the database, logs, Redis, vendors.
const OTHER_FILES: u64 = 128;
/// Connections of one address, and of all, that may each ask for a probe beyond their limit.
const RESERVED: usize = 64;

/// Counts open connections by client address.
pub struct HttpConnections {
    per_address: usize,
    total: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// How a connection is admitted. It is counted until this is dropped.
pub struct Admission {
    /// Whether the connection is beyond a limit: it may ask for a probe, and is closed after the answer.
    pub is_reserved: bool,
    connections: Arc<HttpConnections>,
    address: IpAddr,
}

impl Drop for Admission {
    fn drop(&mut self) {
        let mut open = self.connections.lock();
        open.all -= 1;
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

impl HttpConnections {
    /// So many connections of an address, 0 for no limit; and of all as many as this limit of open files leaves.
    pub fn new(per_address: u32, open_files: u64) -> Arc<Self> {
        let unlimited = |count: u64| usize::try_from(count).unwrap_or(usize::MAX - RESERVED);
        let total = unlimited(open_files.saturating_sub(OTHER_FILES)).min(usize::MAX - RESERVED);
        let per_address = if per_address == 0 { usize::MAX - RESERVED } else { per_address as usize };
        Arc::new(Self { per_address, total: total.saturating_sub(RESERVED).max(RESERVED), open: Mutex::default() })
    }

    /// Admits a connection; `None` if it is to be closed at once. A trusted proxy's is counted among all alone: it speaks for
    /// many clients.
    pub fn admit(self: &Arc<Self>, address: IpAddr, is_proxy: bool) -> Option<Admission> {
        let address = network_of(address);
        let mut open = self.lock();
        let of_address = open.by_address.get(&address).copied().unwrap_or_default();
        let beyond = |count: usize, max: usize| (count >= max, count >= max + RESERVED);
        let (all, one) = (beyond(open.all, self.total), beyond(of_address, self.per_address));
        let one = if is_proxy { (false, false) } else { one };
        if all.1 || one.1 {
            return None;
        }
        open.all += 1;
        *open.by_address.entry(address).or_default() += 1;
        Some(Admission { is_reserved: all.0 || one.0, connections: self.clone(), address })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    const ONE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
    const OTHER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

    fn admit(connections: &Arc<HttpConnections>, address: IpAddr, count: usize) -> (Vec<Admission>, usize) {
        let admitted: Vec<Admission> = (0..count).filter_map(|_| connections.admit(address, false)).collect();
        let reserved = admitted.iter().filter(|admission| admission.is_reserved).count();
        (admitted, reserved)
    }

    #[test]
    fn an_address_has_its_share_and_a_few_for_probes() {
        let connections = HttpConnections::new(100, 10_000);
        let (held, reserved) = admit(&connections, ONE, 1_000);
        assert_eq!((held.len(), reserved), (164, 64));
        assert!(!connections.admit(OTHER, false).expect("another has its own").is_reserved);
        assert!(!connections.admit(ONE, true).expect("a proxy speaks for many").is_reserved);
        drop(held);
        assert!(!connections.admit(ONE, false).expect("given back").is_reserved);
    }

    #[test]
    fn all_together_stay_below_the_limit_of_open_files() {
        let connections = HttpConnections::new(0, 1_024);
        let (held, reserved) = admit(&connections, ONE, 2_000);
        assert_eq!((held.len(), reserved), (1_024 - 128, 64));
        assert!(connections.admit(OTHER, false).is_none());
        drop(held);
        assert!(connections.lock().by_address.is_empty() && connections.lock().all == 0);
    }

    #[test]
    fn an_ipv6_network_is_one_address_and_a_mapped_address_is_its_own() {
        let parse = |text: &str| network_of(text.parse().expect("an address"));
        assert_eq!(parse("2001:db8:1:2:3:4:5:6"), parse("2001:db8:1:2:ffff::1"));
        assert_ne!(parse("2001:db8:1:2::1"), parse("2001:db8:1:3::1"));
        assert_eq!(parse("::ffff:192.0.2.1"), ONE);
    }
}
