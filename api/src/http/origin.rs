//! Where a browser's request comes from: the `Origin` header is checked exactly wherever it is present, so that another
//! site's page can neither use the refresh cookie nor open a socket. `Sec-Fetch-Site` says the same of browsers that
//! leave `Origin` out; no page can write either.

use super::error_codes::{Code, Error};
use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderName};
use std::net::IpAddr;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages are served.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    /// The origin that browsers know this service by; none: whatever host they ask, over plain HTTP.
    pub public: Option<String>,
    /// Other origins whose pages may call the API and open the stream.
    pub cors: Vec<String>,
}

impl Origins {
    /// Whether browsers come over HTTPS.
    pub fn is_https(&self) -> bool {
        self.public.as_ref().is_some_and(|origin| origin.starts_with("https://"))
    }
}

/// Refuses a page of another origin: for whatever sets, reads or ends a cookie.
pub fn check_same_origin(request: &HttpRequest, origins: &Origins) -> Result<(), Error> {
    let site = request.headers().get(SEC_FETCH_SITE);
    if is_ours(request, origins) && site.is_none_or(|site| site == "same-origin") { Ok(()) } else { Err(forbidden()) }
}

/// Refuses a page of an origin that is neither ours nor listed: for what needs a token of its own besides.
pub fn check_listed_origin(request: &HttpRequest, origins: &Origins) -> Result<(), Error> {
    let origin = request.headers().get(header::ORIGIN);
    let is_listed = origin.is_some_and(|origin| origins.cors.iter().any(|listed| origin == listed.as_str()));
    if is_listed || is_ours(request, origins) { Ok(()) } else { Err(forbidden()) }
}

/// Whether the page that asks is one of ours. Programs name none.
fn is_ours(request: &HttpRequest, origins: &Origins) -> bool {
    let Some(origin) = request.headers().get(header::ORIGIN) else { return true };
    match &origins.public {
        Some(ours) => origin == ours.as_str(),
        // The browser itself writes both headers, so that a page of ours always names the host that it asks. Only this
        // machine's own names will do: any other can be made to lead here by whoever holds it (DNS rebinding).
        None => {
            let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            is_loopback(host) && origin == format!("http://{host}").as_str()
        }
    }
}

/// Whether a host, with a port or without, is this machine by its very name.
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
    fn only_this_machines_own_names_need_no_setting() {
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
