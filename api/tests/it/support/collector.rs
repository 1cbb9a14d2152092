//! A collector of traces on this machine: it takes OTLP over HTTP, as a real one does, and remembers the spans.

use super::receiver::Receiver;
use super::until_some;
use super::vendor::Reply;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use std::collections::BTreeMap;

/// A span, as the collector reads it.
#[derive(Clone, Debug)]
pub(crate) struct Traced {
    pub(crate) name: String,
    /// Lower-case hexadecimals; `parent` is empty for the first of a trace.
    pub(crate) trace: String,
    pub(crate) id: String,
    pub(crate) parent: String,
    /// As the protocol numbers them: 1 internal, 2 server, 3 client.
    pub(crate) kind: i32,
    pub(crate) has_failed: bool,
    pub(crate) attributes: BTreeMap<String, String>,
    /// The instance that sent it.
    pub(crate) instance: String,
}

/// The collector.
pub(crate) struct Collector(Receiver);

impl Collector {
    pub(crate) async fn start() -> Self {
        Self(Receiver::answering(|_| Reply::with(200, &[("content-type", "application/x-protobuf")], "")).await)
    }

    /// Its address, as the setting wants it.
    pub(crate) fn url(&self) -> String {
        self.0.url("")
    }

    /// The requests to it, each with where it went and one of its headers.
    pub(crate) fn requests(&self, header: &str) -> Vec<(String, String)> {
        self.0.received().iter().map(|request| (request.target.clone(), request.header(header).to_owned())).collect()
    }

    /// The spans so far, in the order in which they ended.
    pub(crate) fn spans(&self) -> Vec<Traced> {
        let mut spans = Vec::new();
        for request in self.0.received() {
            let sent = ExportTraceServiceRequest::decode(request.body.as_slice()).expect("spans");
            for resource in sent.resource_spans {
                let of_resource = attributes(&resource.resource.unwrap_or_default().attributes);
                assert_eq!(of_resource["service.name"], "watchtape");
                let of_scopes = resource.scope_spans.into_iter().flat_map(|scope| scope.spans);
                spans.extend(of_scopes.map(|span| traced(&span, &of_resource["service.instance.id"])));
            }
        }
        spans
    }

    /// Waits for a span.
    pub(crate) async fn span(&self, what: &str, is_it: impl Fn(&Traced) -> bool) -> Traced {
        until_some(what, async || self.spans().into_iter().find(&is_it)).await
    }
}

fn traced(span: &Span, instance: &str) -> Traced {
    let hex = |bytes: &[u8]| data_encoding::HEXLOWER.encode(bytes);
    Traced {
        name: span.name.clone(),
        trace: hex(&span.trace_id),
        id: hex(&span.span_id),
        parent: hex(&span.parent_span_id),
        kind: span.kind,
        has_failed: span.status.as_ref().is_some_and(|status| status.code == 2),
        attributes: attributes(&span.attributes),
        instance: instance.to_owned(),
    }
}

fn attributes(all: &[KeyValue]) -> BTreeMap<String, String> {
    all.iter().map(|one| (one.key.clone(), text(one.value.as_ref()))).collect()
}

fn text(value: Option<&AnyValue>) -> String {
    match value.and_then(|value| value.value.as_ref()) {
        Some(Value::StringValue(text)) => text.clone(),
        Some(Value::IntValue(number)) => number.to_string(),
        Some(Value::BoolValue(is)) => is.to_string(),
        other => panic!("{other:?}"),
    }
}
