//! The request log: one span and one line for each request, with its id, and what is counted of it.

use super::request_id::RequestId;
use crate::clock;
use crate::http::client_address::address_of;
use crate::http::state::{AppState, state_of};
use crate::telemetry::PROBE_ROUTES;
use crate::telemetry::metrics::RequestLabels;
use crate::telemetry::traces::{self, TraceContext};
use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::{Bytes, Data};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tracing::Span;
use tracing_actix_web::RootSpanBuilder;

/// The route of what no route has: the app's files, and paths that there are not.
const NO_ROUTE: &str = "other";
/// The most of a path that is kept.
const MAX_CHARACTERS: usize = 512;
/// A request that took longer is logged whatever the sample.
const SLOW: Duration = Duration::from_secs(1);

/// Creates the span of each request.
pub struct RequestSpan;

impl RootSpanBuilder for RequestSpan {
    fn on_request_start(request: &ServiceRequest) -> Span {
        let generated = request.extensions().get::<tracing_actix_web::RequestId>().map(ToString::to_string);
        let request_id = RequestId::from_headers_or(request.headers(), || generated.unwrap_or_default());
        request.extensions_mut().insert(request_id.clone());
        let state = state_of(request.request()).ok();
        let address = state.as_ref().and_then(|state| address_of(request.request(), &state.web.proxies));
        // At the level of errors, so that no filter takes the request's id from their lines.
        let span = tracing::error_span!(
            // By this name traces find it.
            "request",
            %request_id,
            method = shortened(request.method().as_str()),
            // Without the query, which has what people search for.
            path = shortened(request.uri().path()),
            address = address.map(tracing::field::display),
            user = tracing::field::Empty,
            status = tracing::field::Empty,
            code = tracing::field::Empty,
        );
        // Whoever else calls does not choose what is traced: by the sample alone.
        let is_trusted = |peer: SocketAddr| {
            let peer = peer.ip().to_canonical();
            peer.is_loopback() || state.as_ref().is_some_and(|state| state.web.proxies.contains(peer))
        };
        let caller = request.peer_addr().filter(|peer| is_trusted(*peer));
        caller.map_or_else(TraceContext::default, |_| TraceContext::from_headers(request.headers())).continue_in(span)
    }

    /// `request_log` tells of the end, which is that of the body.
    fn on_request_end<B: MessageBody>(_: Span, _: &Result<ServiceResponse<B>, actix_web::Error>) {}
}

/// Middleware: counts each request, and logs its end once its answer has been sent, or its client has left.
pub async fn request_log(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut log = state_of(request.request()).ok().map(|state| EndOfRequest::new(state, &request));
    let answer = next.call(request).await;
    let status = match &answer {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    Span::current().record("status", i64::from(status.as_u16()));
    if let Some(log) = &mut log {
        log.status = Some(status);
    }
    // A stream is open for hours: its request has ended once it is open.
    let opened = log.take_if(|_| status == StatusCode::SWITCHING_PROTOCOLS);
    if opened.is_some() {
        drop(opened);
        traces::end(&Span::current());
    }
    Ok(answer?.map_body(|_, body| LoggedBody { body: body.boxed(), log }))
}

/// The begin of what a client has sent, which waits for whoever takes lines and spans.
fn shortened(text: &str) -> &str {
    text.char_indices().nth(MAX_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// A request under way. When it is dropped its end is counted and logged.
struct EndOfRequest {
    span: Span,
    state: Data<AppState>,
    method: Method,
    route: String,
    /// `None` until there is an answer.
    status: Option<StatusCode>,
    began: Instant,
    /// Bytes of the body that were sent.
    bytes: u64,
}

impl EndOfRequest {
    fn new(state: Data<AppState>, request: &ServiceRequest) -> Self {
        state.metrics.http.in_flight.inc();
        let (span, method, began) = (Span::current(), request.method().clone(), clock::monotonic());
        let route = request.match_pattern().unwrap_or_else(|| NO_ROUTE.to_owned());
        Self { span, state, method, route, status: None, began, bytes: 0 }
    }
}

impl Drop for EndOfRequest {
    fn drop(&mut self) {
        let (took, bytes, route) = (self.began.elapsed(), self.bytes, self.route.as_str());
        let http = &self.state.metrics.http;
        http.in_flight.dec();
        traces::set_route(&self.span, route);
        http.record(&RequestLabels::new(route, &self.method, self.status), took.as_secs_f64(), bytes);
        // Microseconds are the most that anybody reads.
        let duration_ms = took.as_micros() as f64 / 1_000.0;
        macro_rules! answered {
            ($level:ident $(, $name:ident)*) => {
                tracing::$level!(target: "watchtape::request", route, duration_ms, bytes, $($name,)* "answered")
            };
        }
        self.span.in_scope(|| match self.status {
            None => tracing::info!(target: "watchtape::request", route, duration_ms, "its client has left"),
            Some(status) if status.is_server_error() => answered!(warn),
            Some(status) if status.is_client_error() || took > SLOW => answered!(info),
            Some(_) if PROBE_ROUTES.contains(&route) => answered!(debug),
            Some(_) => match self.state.request_sample.pick() {
                Some(one_in) => answered!(info, one_in),
                None => answered!(debug),
            },
        });
    }
}

/// A body that is counted while it is sent.
struct LoggedBody {
    body: BoxBody,
    log: Option<EndOfRequest>,
}

impl MessageBody for LoggedBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let part = std::task::ready!(self.body.as_pin_mut().poll_next(context));
        if let (Some(Ok(bytes)), Some(log)) = (&part, &mut self.log) {
            log.bytes += bytes.len() as u64;
        }
        Poll::Ready(part)
    }
}
