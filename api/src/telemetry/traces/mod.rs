//! Traces: spans of requests, their SQL, rounds and what connections are told, sent to a collector by OTLP. Off unless
//! `WATCHTAPE_OTLP_ENDPOINT` is set; then a span that nobody wants costs one comparison.
//!
//! The ids go on over HTTP (`traceparent`, W3C Trace Context), between nodes and from thread to thread as a [`TraceContext`].
//! docs/tracing.md lists the spans.

mod collector;
mod context;
mod conventions;
mod exporter;
mod outgoing;

pub use collector::{Collector, Endpoint, Headers};
pub use context::TraceContext;
pub use outgoing::OutgoingCall;

use exporter::{BoundedProcessor, CountedExporter};
use opentelemetry::KeyValue;
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_otlp::{RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, Sampler, SdkTracerProvider, Tracer};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
use tracing::{Metadata, Span};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::filter::{FilterFn, LevelFilter};
use tracing_subscriber::layer::{Filter, Layer};
use tracing_subscriber::registry::LookupSpan;

/// The target of spans that are in traces and never in logs.
pub const TARGET: &str = "watchtape::traces";
/// The span of a request, which logs have too, and what its target begins with.
const REQUEST: &str = "request";
const OWN: &str = "watchtape";

/// Spans that may wait to be sent; what finds no room is lost.
const MAX_WAITING: usize = 8_192;
/// The most spans of one call to the collector.
const MAX_BATCH: usize = 512;
/// How long spans wait for others.
const SEND_INTERVAL: Duration = Duration::from_secs(1);
/// How long the collector may take.
const SEND_DEADLINE: Duration = Duration::from_secs(5);
/// How long the end of the server waits for the last spans.
const STOP_DEADLINE: Duration = Duration::from_secs(2);

static IS_ON: AtomicBool = AtomicBool::new(false);
static SENT: AtomicU64 = AtomicU64::new(0);
static UNSENT: AtomicU64 = AtomicU64::new(0);
/// Spans that wait.
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Where and what to trace.
#[derive(Clone, Debug)]
pub struct TraceSettings {
    /// The collector.
    pub collector: Collector,
    /// Of so many requests and rounds one is traced, unless who calls has decided.
    pub one_in: u32,
}

/// Sends what waits when it is dropped, for a moment at most.
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Starts to send spans, from a thread of its own. Of the process's one alone. An error is one line for the operator.
    pub(super) fn start(settings: &TraceSettings) -> Result<Self, String> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(settings.collector.client(SEND_DEADLINE)?)
            .with_endpoint(settings.collector.url())
            .with_timeout(SEND_DEADLINE)
            // What is not taken is lost: the next batch is waiting.
            .with_retry_policy(RetryPolicy::disabled())
            .build()
            .map_err(|error| format!("WATCHTAPE_OTLP_ENDPOINT: {error}"))?;
        let batches = BatchConfigBuilder::default()
            .with_max_queue_size(MAX_WAITING)
            .with_max_export_batch_size(MAX_BATCH)
            .with_scheduled_delay(SEND_INTERVAL)
            .build();
        let processor = BatchSpanProcessor::builder(CountedExporter::new(exporter)).with_batch_config(batches).build();
        let processor = BoundedProcessor::new(processor);
        let resource = Resource::builder_empty().with_attributes([
            KeyValue::new("service.name", "watchtape"),
            KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            KeyValue::new("service.instance.id", instance()),
        ]);
        let sampler = Sampler::TraceIdRatioBased(1.0 / f64::from(settings.one_in));
        let provider = SdkTracerProvider::builder()
            .with_span_processor(processor)
            .with_sampler(Sampler::ParentBased(Box::new(sampler)))
            .with_resource(resource.build())
            .build();
        IS_ON.store(true, Ordering::Relaxed);
        Ok(Self(provider))
    }

    /// The layer that makes spans of the trace of those of the program.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let tracer: Tracer = self.0.tracer("watchtape");
        OpenTelemetryLayer::new(tracer)
            .with_location(false)
            .with_threads(false)
            .with_level(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(of_traces())
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // What the collector does not take in time is lost, as at any other time.
        let _ = self.0.shutdown_with_timeout(STOP_DEADLINE);
    }
}

/// This node among others: its machine and process.
fn instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}", host.trim(), std::process::id())
}

fn of_traces<S>() -> impl Filter<S> {
    let is_wanted = |span: &Metadata<'_>| {
        span.is_span() && (span.target() == TARGET || (span.name() == REQUEST && span.target().starts_with(OWN)))
    };
    FilterFn::new(is_wanted).with_max_level_hint(LevelFilter::ERROR)
}

/// Whether spans are sent.
pub fn is_on() -> bool {
    IS_ON.load(Ordering::Relaxed)
}

/// How many spans the collector has taken since the start, and how many it has not.
pub fn sent_spans() -> (u64, u64) {
    (SENT.load(Ordering::Relaxed), UNSENT.load(Ordering::Relaxed))
}

/// Says which route a request's span is of, which is known at its end.
pub fn set_route(request: &Span, route: &str) {
    if is_on() {
        request.set_attribute(conventions::ROUTE, route.to_owned());
    }
}

/// Ends a request's span before the request's connection ends: a stream's is open for hours.
pub fn end(request: &Span) {
    if is_on() {
        request.context().span().end();
    }
}

/// Says that what a span is of has failed.
pub fn set_failed(span: &Span, cause: &dyn std::fmt::Display) {
    if is_on() {
        span.set_status(opentelemetry::trace::Status::error(cause.to_string()));
    }
}

/// A span of traces, which ends with its last clone. Without traces it is none.
macro_rules! trace_span {
    ($($part:tt)+) => {
        // The level is that of requests' spans, so that traces want no other: else each library would be asked for all it has.
        tracing::error_span!(target: $crate::telemetry::traces::TARGET, $($part)+)
    };
}
pub(crate) use trace_span;

#[cfg(test)]
mod test_spans {
    use opentelemetry::InstrumentationScope;
    use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status};
    use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
    use std::time::SystemTime;

    /// A span of this name, without anything else.
    pub(super) fn named(name: &'static str) -> SpanData {
        SpanData {
            span_context: SpanContext::empty_context(),
            parent_span_id: SpanId::INVALID,
            parent_span_is_remote: false,
            span_kind: SpanKind::Internal,
            name: name.into(),
            start_time: SystemTime::UNIX_EPOCH,
            end_time: SystemTime::UNIX_EPOCH,
            attributes: Vec::new(),
            dropped_attributes_count: 0,
            events: SpanEvents::default(),
            links: SpanLinks::default(),
            status: Status::Unset,
            instrumentation_scope: InstrumentationScope::default(),
        }
    }
}
