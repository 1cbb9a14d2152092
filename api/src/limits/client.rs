//! The client of a request, as rate limits and the audit log see it. `http::client_address` makes it from a request.

use crate::db::audit::RequestInfo;
use std::net::{IpAddr, Ipv6Addr};

/// Prefix length by which IPv6 addresses are counted: a client can choose the rest of its address freely.
const IPV6_PREFIX_BITS: u32 = 64;

/// The client of a request.
#[derive(Clone, Debug)]
pub struct Client {
    /// The client's IP address; `None` over a Unix socket.
    pub address: Option<IpAddr>,
    /// Address, user agent and request id, for the audit log.
    pub request_info: RequestInfo,
}

impl Client {
    /// The key of the client's buckets: an IPv4 address, or the /64 network of an IPv6 address.
    pub fn bucket_key(&self) -> String {
        match self.address.map(network_of) {
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(network)) => format!("{network}/{IPV6_PREFIX_BITS}"),
            None => String::new(),
        }
    }
}

/// The prefixes of NAT64 (RFC 6052, RFC 8215), without the 32 bits of the IPv4 address that follows them.
const NAT64_PREFIXES: [u128; 2] = [0x0064_ff9b_0000_0000_0000_0000, 0x0064_ff9b_0001_0000_0000_0000];

/// What counts as one client: an IPv4 address, or the /64 network of an IPv6 address. Behind NAT64 each IPv4 address is a client,
/// though all share a network.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) if NAT64_PREFIXES.contains(&(address.to_bits() >> 32)) => {
            let [.., a, b, c, d] = address.octets();
            [a, b, c, d].into()
        }
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> IPV6_PREFIX_BITS << IPV6_PREFIX_BITS).into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_is_one_client() {
        let key = |text: &str| Client { address: text.parse().ok(), request_info: RequestInfo::default() }.bucket_key();
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("64:ff9b::192.0.2.1"), key("192.0.2.1"), "NAT64");
        assert_ne!(key("64:ff9b:1::192.0.2.1"), key("64:ff9b:1::192.0.2.2"));
        assert_ne!(key("64:ff9b:2::192.0.2.1"), key("192.0.2.1"));
    }
}
