//! Sends spans by the names that OpenTelemetry gives to what they have, and counts what is lost: what finds no room, and what the
//! collector does not take.

use super::{MAX_WAITING, SENT, UNSENT, WAITING, conventions};
use crate::telemetry::throttled_log::ThrottledLog;
use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An exporter that says once a second that spans are lost, and tries nothing twice.
#[derive(Debug)]
pub(super) struct CountedExporter {
    otlp: Otlp,
    log: ThrottledLog,
}

impl CountedExporter {
    pub(super) fn new(otlp: Otlp) -> Self {
        Self { otlp, log: ThrottledLog::new() }
    }
}

impl SpanExporter for CountedExporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        WAITING.fetch_sub(batch.len(), Ordering::Relaxed);
        let batch: Vec<_> = batch.into_iter().filter_map(conventions::apply).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let count = batch.len() as u64;
        let sent = self.otlp.export(batch).await;
        match &sent {
            Ok(()) => SENT.fetch_add(count, Ordering::Relaxed),
            Err(error) => {
                if self.log.is_due() {
                    tracing::warn!(%error, count, "the collector has not taken spans: they are lost");
                }
                UNSENT.fetch_add(count, Ordering::Relaxed)
            }
        };
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}

/// Lets so many spans wait as there is room for, and counts the others, which the library would drop in silence.
#[derive(Debug)]
pub(super) struct BoundedProcessor {
    batches: BatchSpanProcessor,
    log: ThrottledLog,
}

impl BoundedProcessor {
    pub(super) fn new(batches: BatchSpanProcessor) -> Self {
        Self { batches, log: ThrottledLog::new() }
    }
}

impl SpanProcessor for BoundedProcessor {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if !span.span_context.is_sampled() {
            return;
        }
        if WAITING.fetch_add(1, Ordering::Relaxed) >= MAX_WAITING {
            WAITING.fetch_sub(1, Ordering::Relaxed);
            UNSENT.fetch_add(1, Ordering::Relaxed);
            if self.log.is_due() {
                tracing::warn!("the collector is too slow for the spans: those without room are lost");
            }
            return;
        }
        self.batches.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_spans;
    use super::*;
    use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;

    #[derive(Debug)]
    struct Counting(Arc<AtomicUsize>);

    impl SpanExporter for Counting {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            WAITING.fetch_sub(batch.len(), Ordering::Relaxed);
            self.0.fetch_add(batch.len(), Ordering::Relaxed);
            Ok(())
        }
    }

    fn span(flags: TraceFlags) -> SpanData {
        let (trace, id) = (TraceId::from_bytes([1; 16]), SpanId::from_bytes([1; 8]));
        let span_context = SpanContext::new(trace, id, flags, false, TraceState::NONE);
        SpanData { span_context, ..test_spans::named("tell list") }
    }

    /// The only test that lets spans wait: their number is the process's.
    #[test]
    fn what_finds_no_room_is_lost_and_counted_and_what_is_not_traced_is_neither() {
        let sent = Arc::new(AtomicUsize::new(0));
        let processor = BoundedProcessor::new(BatchSpanProcessor::builder(Counting(sent.clone())).build());
        let after = |span: SpanData| {
            processor.on_end(span);
            processor.force_flush().expect("sent");
            (sent.load(Ordering::Relaxed), UNSENT.load(Ordering::Relaxed))
        };
        assert_eq!(after(span(TraceFlags::SAMPLED)), (1, 0));
        assert_eq!(after(span(TraceFlags::NOT_SAMPLED)), (1, 0));
        WAITING.store(MAX_WAITING, Ordering::Relaxed);
        assert_eq!(after(span(TraceFlags::SAMPLED)), (1, 1));
        assert_eq!(WAITING.load(Ordering::Relaxed), MAX_WAITING);
        WAITING.store(MAX_WAITING - 1, Ordering::Relaxed);
        assert_eq!(after(span(TraceFlags::SAMPLED)), (2, 1));
    }
}
