//! Checks of a URL that a stranger names, as far as they need no name server. The parser of the `url` crate is the one of the
//! client too, and has the addresses of IPv4 in every spelling of the WHATWG (decimal, octal, hexadecimal, short) as one.

use super::address::is_public;
use super::allow_list::AllowList;
use std::net::IpAddr;
use url::{Host, Url};
use watchtape_shared::destination::MAX_URL_CHARS;

/// Names that only ever lead to this machine or its network (RFC 6761, 6762, 8375 and ICANN's `internal`).
const LOCAL_SUFFIXES: [&str; 7] = ["localhost", "local", "internal", "home.arpa", "localdomain", "lan", "invalid"];
/// The lowest port but for those of HTTP: below are services of other protocols.
const LOWEST_PORT: u16 = 1024;

/// Why a URL is not posted to, in words for its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is none, or of another scheme.
    #[error("a URL is https://HOST[:PORT]/PATH, of at most 2,000 characters")]
    NotAUrl,
    /// It is of http, and the operator has not let its host in.
    #[error("a URL begins with https://")]
    NotHttps,
    /// It has a user name or a password.
    #[error("a URL has no user name and no password")]
    Credentials,
    /// Its port is one of another protocol.
    #[error("a URL's port is 443, or 1024 and above")]
    Port,
    /// Its host is an address that is not public, or a name that has such an address, which the operator has not let in.
    #[error("the host has an address that is not public")]
    NotPublic,
    /// Its host has no address.
    #[error("the host has no address")]
    NoAddress,
}

/// Parses and checks a URL. Names are checked when they are resolved.
pub fn check(text: &str, allow: &AllowList) -> Result<Url, TargetError> {
    if text.chars().count() > MAX_URL_CHARS || text.chars().any(char::is_control) {
        return Err(TargetError::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| TargetError::NotAUrl)?;
    let host = url.host().ok_or(TargetError::NotAUrl)?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(TargetError::Credentials);
    }
    let is_let_in = match &host {
        Host::Domain(name) => allow.has_name(name),
        Host::Ipv4(address) => allow.has_address(IpAddr::V4(*address)),
        Host::Ipv6(address) => allow.has_address(IpAddr::V6(*address)),
    };
    match url.scheme() {
        "https" => {}
        "http" if is_let_in => {}
        "http" => return Err(TargetError::NotHttps),
        _ => return Err(TargetError::NotAUrl),
    }
    if is_let_in {
        return Ok(url);
    }
    let is_public = match &host {
        Host::Domain(name) => !is_local(name),
        Host::Ipv4(address) => is_public(IpAddr::V4(*address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(*address)),
    };
    if !is_public {
        return Err(TargetError::NotPublic);
    }
    match url.port_or_known_default() {
        Some(443 | LOWEST_PORT..) => Ok(url),
        _ => Err(TargetError::Port),
    }
}

fn is_local(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends_with =
        |suffix: &&str| name.strip_suffix(*suffix).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    LOCAL_SUFFIXES.iter().any(ends_with)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_urls_are_taken_and_others_are_told_why_not() {
        let none = AllowList::default();
        for url in [
            "https://example.com/hooks/1?x=%20",
            "HTTPS://EXAMPLE.com:8443/",
            "https://1.1.1.1/",
            "https://[2606:4700::1111]:1024/x",
            "https://localhost.example.com/",
            "https://b\u{fc}cher.example/",
        ] {
            assert!(check(url, &none).is_ok(), "{url}");
        }
        for (url, why) in [
            ("", TargetError::NotAUrl),
            ("example.com", TargetError::NotAUrl),
            ("ftp://example.com/", TargetError::NotAUrl),
            ("file:///etc/passwd", TargetError::NotAUrl),
            ("https://", TargetError::NotAUrl),
            ("https://exa\u{0}mple.com/", TargetError::NotAUrl),
            ("https://example.com:99999/", TargetError::NotAUrl),
            ("http://example.com/", TargetError::NotHttps),
            ("https://ada:secret@example.com/", TargetError::Credentials),
            ("https://ada@example.com/", TargetError::Credentials),
            ("https://example.com:25/", TargetError::Port),
            ("https://example.com:0/", TargetError::Port),
            ("https://example.com:80/", TargetError::Port),
            ("https://localhost/", TargetError::NotPublic),
            ("https://a.LOCALHOST./", TargetError::NotPublic),
            ("https://printer.local/", TargetError::NotPublic),
        ] {
            assert_eq!(check(url, &none), Err(why), "{url}");
        }
        assert_eq!(check(&format!("https://example.com/{}", "x".repeat(2_000)), &none), Err(TargetError::NotAUrl));
    }

    #[test]
    fn what_the_operator_lets_in_may_be_http_at_any_port() {
        let allow: AllowList = "127.0.0.1,receiver.internal".parse().expect("a list");
        for url in [
            "http://127.0.0.1:80/x",
            "http://2130706433/",
            "https://receiver.internal:25/",
            "http://Receiver.internal./",
        ] {
            assert!(check(url, &allow).is_ok(), "{url}");
        }
        assert_eq!(check("http://127.0.0.2/", &allow), Err(TargetError::NotHttps));
        assert_eq!(check("https://other.internal/", &allow), Err(TargetError::NotPublic));
        assert_eq!(check("http://ada:secret@127.0.0.1/", &allow), Err(TargetError::Credentials));
    }
}
