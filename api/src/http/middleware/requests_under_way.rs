//! Requests of one account that are under way at a time, each until its answer has been sent: a client that reads its
//! answers slowly keeps its own account waiting, and holds so many answers in memory and no more.

use crate::http::error_codes::{Code, Error};
use crate::http::extractors::caller::RequestCredentials;
use crate::http::routed_path::routed_path;
use crate::http::state::state_of;
use crate::keyed_permits::KeyedPermit;
use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a request waits for others of its account.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
/// It lasts as long as its connection, and has limits of its own.
const STREAM: &str = "/api/v1/stream";
/// Reads its body before it knows whether the session has ended, whose token somebody else may have.
const AUTH: &str = "/api/v1/auth/";

/// Middleware: has requests of an account wait for each other. After `rate_limit`, which reads the credentials.
pub async fn requests_under_way(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let path = routed_path(request.request());
    let state = state_of(request.request()).ok().filter(|_| path != STREAM && !path.starts_with(AUTH));
    let account = state.as_ref().and_then(|state| {
        let extensions = request.extensions();
        extensions.get::<RequestCredentials>()?.limited_account(&state.request_limits).cloned()
    });
    let (Some(account), Some(state)) = (account, state) else {
        return Ok(next.call(request).await?.map_into_boxed_body());
    };
    let Some(permit) = state.request_limits.under_way.acquire(account.as_str(), TURN_TIMEOUT).await else {
        let error = Error::new(Code::TooManyRequests, "Too many requests of this account are under way.");
        return Ok(request.error_response(error).map_into_boxed_body());
    };
    let response = next.call(request).await?.map_into_boxed_body();
    Ok(response.map_body(|_, body| HeldBody { body, _permit: permit }).map_into_boxed_body())
}

/// A body that keeps its permit until it has been sent, or given up.
struct HeldBody {
    body: BoxBody,
    _permit: KeyedPermit,
}

impl MessageBody for HeldBody {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
