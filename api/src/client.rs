//! Where a request comes from: the client's address, what its program calls itself, and the request's name in the log.

use crate::db::audit::Source;
use crate::problems;
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::IpAddr;

const MAX_USER_AGENT_CHARS: usize = 200;

/// Where a request comes from.
#[derive(Clone, Debug)]
pub struct Client {
    /// Its address; none over a Unix socket.
    pub address: Option<IpAddr>,
    /// The same and more, for the audit trail.
    pub source: Source,
}

impl Client {
    /// Reads it off a request.
    pub fn of(request: &HttpRequest) -> Self {
        let address = request.peer_addr().map(|peer| peer.ip().to_canonical());
        let user_agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let source = Source {
            address: address.map(|address| address.to_string()),
            user_agent: user_agent.map(|text| text.chars().take(MAX_USER_AGENT_CHARS).collect()),
            request_id: Some(problems::id_of(request)),
        };
        Self { address, source }
    }
}

impl FromRequest for Client {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
