//! The client of a request: its address, its user agent, and the request's id for the audit log.

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
use std::net::IpAddr;

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
