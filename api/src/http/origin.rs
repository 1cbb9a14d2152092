//! Protection against cross-site requests: the `Origin` header, if present, must match exactly, so that a page of another
//! site can neither use the refresh cookie nor open the stream. `Sec-Fetch-Site` covers browsers that omit `Origin`. No
//! page can set either header.

use super::error_codes::{Code, Error};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use std::net::IpAddr;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The allowed origins.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The service's own origin. `None`: any loopback host, over plain HTTP.
    pub public: Option<String>,
    /// Other origins, whose pages may call the API and open the stream.
    pub cors: Vec<String>,
}

impl Origins {
    /// Whether the own origin is HTTPS.
    pub fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Refuses a page of another origin. For operations that set, read or remove a cookie.
pub fn check_same_origin(request: &HttpRequest, origins: &Origins) -> Result<(), Error> {
    let site = request.headers().get(SEC_FETCH_SITE);
    if is_own_origin(request, origins) && site.is_none_or(|site| site == "same-origin") {
        Ok(())
    } else {
        Err(forbidden())
    }
}

/// Refuses a page of an origin that is neither the own one nor in `cors`. For operations that also need a token.
pub fn check_listed_origin(request: &HttpRequest, origins: &Origins) -> Result<(), Error> {
    let origin = request.headers().get(header::ORIGIN);
    let is_listed = origin.is_some_and(|origin| origins.cors.iter().any(|listed| origin == listed.as_str()));
    if is_listed || is_own_origin(request, origins) { Ok(()) } else { Err(forbidden()) }
}

/// Whether the request comes from a page of the own origin, or from a program, which sends no `Origin`.
fn is_own_origin(request: &HttpRequest, origins: &Origins) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    match &origins.public {
        Some(own) => origin == own.as_str(),
        // The browser sets both headers, so an own page has the host it calls as its origin. Only loopback names are
        // accepted: the owner of any other name could point it here (DNS rebinding).
        None => {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            is_loopback(host) && origin == format!("http://{host}").as_str()
        }
    }
}

/// Whether a host, with or without a port, is a loopback name or address.
fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    name == "localhost"
        || name.ends_with(".localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn forbidden() -> Error {
    let detail =
        "Pages of another origin may not do this. The operator names the service's own in WATCHTAPE_PUBLIC_ORIGIN.";
    Error::new(Code::ForbiddenOrigin, detail)
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_loopback_hosts_need_no_setting() {
        for host in
            ["localhost", "localhost:8080", "watch.localhost:80", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080", "[::1]"]
        {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "",
            "evil.example.com",
            "evil.example.com:8080",
            "localhost.evil.com",
            "127.0.0.1.evil.com",
            "192.0.2.1",
            "[::2]",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
