//! Sends spans by the names that OpenTelemetry gives to what they have, and counts what the collector does not take.

use super::{SENT, UNSENT, conventions};
use crate::telemetry::throttled_log::ThrottledLog;
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SpanData, SpanExporter};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// An exporter that says once a second that the collector is out of reach, and tries nothing twice.
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
