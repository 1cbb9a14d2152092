//! The proxies whose `X-Forwarded-For` is trusted.
//!
//! Behind a proxy every connection has the proxy's address. Each proxy appends the address that called it to
//! `X-Forwarded-For`; earlier entries may be forged by the client. So the list is read from its end, for as long as the
//! entry was appended by a trusted proxy. `Forwarded` (RFC 7239) is ignored: most proxies pass it on unchanged.

use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The trusted proxies: addresses and networks, separated by commas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl FromStr for TrustedProxies {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = |part: &str| {
            let network = part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from));
            network.map_err(|_| format!("{part:?} is neither an address nor a network such as 10.0.0.0/8"))
        };
        text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(parse).collect::<Result<_, _>>().map(Self)
    }
}

impl TrustedProxies {
    /// The client's address, for a connection from `peer` with these entries of `X-Forwarded-For`, in order.
    pub fn client_of<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut client = peer.to_canonical();
        for entry in forwarded.rev() {
            if !self.0.iter().any(|network| network.contains(&client)) {
                break;
            }
            let Some(address) = parse_entry(entry) else { break };
            client = address;
        }
        client
    }
}

/// Parses an entry: an address, with or without a port.
fn parse_entry(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    let address = bare.parse().or_else(|_| entry.parse::<SocketAddr>().map(|address| address.ip()));
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn client(proxies: &str, peer: &str, forwarded: &str) -> String {
        let proxies: TrustedProxies = proxies.parse().expect("proxies");
        proxies.client_of(peer.parse().expect("an address"), forwarded.split(',')).to_string()
    }

    #[test]
    fn only_what_a_named_proxy_added_is_believed() {
        let ours = "10.0.0.0/8, 192.0.2.1, fd00::/8";
        assert_eq!(client("", "10.1.1.1", "198.51.100.7"), "10.1.1.1", "no proxy is named");
        assert_eq!(client(ours, "203.0.113.9", "198.51.100.7"), "203.0.113.9", "the peer is no proxy");
        assert_eq!(client(ours, "10.1.1.1", "198.51.100.7"), "198.51.100.7");
        assert_eq!(client(ours, "::ffff:10.1.1.1", "198.51.100.7:4711"), "198.51.100.7");
        assert_eq!(client(ours, "10.1.1.1", "1.2.3.4, 198.51.100.7, 192.0.2.1"), "198.51.100.7", "1.2.3.4 is forged");
        assert_eq!(client(ours, "fd00::1", "[2001:db8::1]:443"), "2001:db8::1");
        assert_eq!(client(ours, "10.1.1.1", "198.51.100.7, nonsense"), "10.1.1.1");
        assert_eq!(client(ours, "10.1.1.1", ""), "10.1.1.1");
        assert_eq!(client(ours, "10.1.1.1", "10.9.9.9, 10.2.2.2"), "10.9.9.9", "proxies all the way");
        for wrong in ["10.0.0.0/33", "example.com", "10.0.0.1;10.0.0.2"] {
            assert!(wrong.parse::<TrustedProxies>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn without_a_proxy_no_header_moves_a_client(forwarded in "[ -~]{0,80}") {
            prop_assert_eq!(client("10.0.0.0/8", "203.0.113.9", &forwarded), "203.0.113.9");
            let _ = client("0.0.0.0/0", "203.0.113.9", &forwarded);
        }
    }
}
