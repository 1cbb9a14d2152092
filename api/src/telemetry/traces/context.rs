//! Where in a trace something happens, to be handed on: W3C Trace Context (https://www.w3.org/TR/trace-context/).

use super::is_on;
use opentelemetry::Context;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

/// The header of requests.
const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// A span of a trace, of this process or another; or none, as where traces are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceContext(Option<Parent>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Parent {
    trace: TraceId,
    span: SpanId,
    flags: TraceFlags,
}

/// A text that is no `traceparent`.
#[derive(Debug, thiserror::Error)]
#[error("no traceparent of W3C Trace Context")]
pub struct InvalidTraceContext;

impl TraceContext {
    /// The present span.
    pub fn current() -> Self {
        if is_on() { Self::of(&Span::current()) } else { Self::default() }
    }

    /// This span.
    pub fn of(span: &Span) -> Self {
        if !is_on() {
            return Self::default();
        }
        let context = span.context();
        let context = context.span().span_context().clone();
        let parent = Parent { trace: context.trace_id(), span: context.span_id(), flags: context.trace_flags() };
        Self(context.is_valid().then_some(parent))
    }

    /// Of a request's headers, where whoever sends it is trusted. One that is damaged counts as none, as the standard wants it.
    pub fn from_headers(headers: &actix_web::http::header::HeaderMap) -> Self {
        let given = headers.get(HEADER.as_str()).filter(|_| is_on());
        given.and_then(|value| value.to_str().ok()?.parse().ok()).unwrap_or_default()
    }

    /// Adds it to the headers of a request to somebody else.
    pub fn add_to(self, headers: &mut HeaderMap) {
        if let Some(value) = self.0.and_then(|_| HeaderValue::from_str(&self.to_string()).ok()) {
            headers.insert(HEADER, value);
        }
    }

    /// Takes another in its place, where that is one: who finds a change in the database does not know who made it.
    pub fn replace_by(&mut self, other: Self) {
        if !other.is_none() {
            *self = other;
        }
    }

    /// Whether what happens here is sent.
    pub fn is_sampled(&self) -> bool {
        self.0.is_some_and(|parent| parent.flags.is_sampled())
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    /// Has a span, which has not been entered yet, go on from here.
    pub fn continue_in(self, span: Span) -> Span {
        if let Some(Parent { trace, span: parent, flags }) = self.0 {
            let parent = SpanContext::new(trace, parent, flags, true, TraceState::default());
            // An error means that nobody traces the span.
            let _ = span.set_parent(Context::new().with_remote_span_context(parent));
        }
        span
    }
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(Parent { trace, span, flags }) = self.0 else { return Ok(()) };
        write!(f, "00-{trace}-{span}-{:02x}", flags.to_u8())
    }
}

impl FromStr for TraceContext {
    type Err = InvalidTraceContext;

    /// A later version may have more parts at its end; this one has none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('-');
        let mut next = |len: usize| {
            let is_hex = |part: &&str| part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            parts.next().filter(|part| part.len() == len).filter(is_hex).ok_or(InvalidTraceContext)
        };
        let (version, trace, span, flags) = (next(2)?, next(32)?, next(16)?, next(2)?);
        if version == "ff" || (version == "00" && parts.next().is_some()) {
            return Err(InvalidTraceContext);
        }
        let (trace, span) = (TraceId::from_hex(trace), SpanId::from_hex(span));
        let (Ok(trace), Ok(span), Ok(flags)) = (trace, span, u8::from_str_radix(flags, 16)) else {
            return Err(InvalidTraceContext);
        };
        // Of the flags this version knows one.
        let flags = TraceFlags::new(flags) & TraceFlags::SAMPLED;
        let is_valid = trace != TraceId::INVALID && span != SpanId::INVALID;
        is_valid.then_some(Self(Some(Parent { trace, span, flags }))).ok_or(InvalidTraceContext)
    }
}

impl Serialize for TraceContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TraceContext {
    /// One that is damaged counts as none: what carries it is worth more.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Given {
            Text(String),
            Other(IgnoredAny),
        }
        Ok(match Given::deserialize(deserializer)? {
            Given::Text(text) => text.parse().unwrap_or_default(),
            Given::Other(_) => Self::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EXAMPLE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    #[test]
    fn what_the_standard_calls_valid_is_read() {
        for text in [EXAMPLE, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"] {
            assert_eq!(text.parse::<TraceContext>().expect("valid").to_string(), text);
        }
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff-what-the-future-will-be-like";
        assert_eq!(later.parse::<TraceContext>().expect("a later version").to_string(), EXAMPLE);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "00",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert!(text.parse::<TraceContext>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_carries_a_damaged_one_is_read_all_the_same() {
        for json in ["null", "7", "\"\"", "\"00-zz\"", "{\"a\":[]}"] {
            assert_eq!(serde_json::from_str::<TraceContext>(json).expect("read"), TraceContext::default(), "{json}");
        }
        let known: TraceContext = serde_json::from_str(&format!("\"{EXAMPLE}\"")).expect("read");
        assert_eq!(serde_json::to_string(&known).expect("written"), format!("\"{EXAMPLE}\""));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}") {
            let _ = text.parse::<TraceContext>();
        }
    }
}
