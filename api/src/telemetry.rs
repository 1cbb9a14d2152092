//! Logs: structured events with the request's id, for people on a terminal and as JSON elsewhere. Secrets never reach
//! them: what holds one has a `Debug` that does not show it, and no token is part of a URL.

use crate::client::Client;
use crate::request_id::RequestId;
use crate::state::AppState;
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::{HttpMessage, web};
use std::io::IsTerminal;
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error, by a filter such as `info` or `watchtape=debug,info`.
pub fn start(filter: EnvFilter) {
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        subscriber.init();
    } else {
        subscriber.json().flatten_event(true).with_current_span(true).with_span_list(false).init();
    }
}

/// One span and one line for each request.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let made = request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string);
        let request_id = RequestId::choose(request.headers(), || made.unwrap_or_default());
        request.extensions_mut().insert(request_id.clone());
        let state = request.app_data::<web::Data<AppState>>();
        let address = state.and_then(|state| Client::address_of(request.request(), &state.proxies));
        tracing::info_span!(
            "request",
            %request_id,
            method = %request.method(),
            // The path without its query: what people search for is theirs.
            path = request.path(),
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
