//! The request log: one span and one log line for each request, with its id.

use super::request_id::RequestId;
use crate::http::client_address::address_of;
use crate::http::state::state_of;
use actix_web::HttpMessage;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;

/// Creates the span of each request, and logs its end.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let generated = request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string);
        let request_id = RequestId::from_headers_or(request.headers(), || generated.unwrap_or_default());
        request.extensions_mut().insert(request_id.clone());
        let state = state_of(request.request()).ok();
        let address = state.and_then(|state| address_of(request.request(), &state.web.proxies));
        // At the level of errors, so that no filter takes the request's id from their lines.
        tracing::error_span!(
            "request",
            %request_id,
            method = %request.method(),
            // Without the query, which has what people search for.
            path = request.uri().path(),
            address = address.map(tracing::field::display),
            user = tracing::field::Empty,
            status = tracing::field::Empty,
            code = tracing::field::Empty,
        )
    }

    fn on_request_end<B: MessageBody>(span: Span, outcome: &Result<ServiceResponse<B>, actix_web::Error>) {
        let status = match outcome {
            Ok(response) => response.status(),
            Err(error) => error.as_response_error().status_code(),
        };
        span.record("status", status.as_u16());
        let _entered = span.enter();
        tracing::info!(target: "watchtape::request", "answered");
    }
}
