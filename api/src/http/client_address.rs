//! The client of a request: its address, its user agent, and the request's id for the audit log.
//!
//! Behind a proxy every connection has the proxy's address. The client's is in `X-Forwarded-For`, to which each proxy
//! appends the address it was called from; what stands before that may be the client's own invention. So the list is read
//! from its end, and only for as long as whoever appended an entry is a trusted proxy. `Forwarded` (RFC 7239) is not read:
//! most proxies pass it on as the client wrote it.

use super::error_codes::Error;
use super::middleware::request_id;
use super::state::state_of;
use super::trusted_proxies::TrustedProxies;
use crate::db::audit::RequestInfo;
use crate::limits::Client;
use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderName};
use actix_web::{FromRequest, HttpRequest};
use std::future::{Ready, ready};
use std::net::{IpAddr, SocketAddr};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const MAX_USER_AGENT_CHARS: usize = 200;

/// The client's address of a request, past the trusted proxies; `None` without a peer address.
pub fn address_of(request: &HttpRequest, proxies: &TrustedProxies) -> Option<IpAddr> {
    let fields = request.headers().get_all(X_FORWARDED_FOR).filter_map(|value| value.to_str().ok());
    let entries: Vec<&str> = fields.flat_map(|field| field.split(',')).collect();
    request.peer_addr().map(|peer| proxies.client_of(peer.ip(), entries.into_iter()))
}

/// The client of a request. The user agent is cut to 200 characters.
pub fn client_of(request: &HttpRequest, proxies: &TrustedProxies) -> Client {
    let address = address_of(request, proxies);
    let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let request_info = RequestInfo {
        address: address.map(|address| address.to_string()),
        user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT_CHARS).collect()),
        request_id: Some(request_id::id_of(request)),
    };
    Client { address, request_info }
}

impl FromRequest for Client {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(state_of(request).map(|state| client_of(request, &state.web.proxies)))
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
