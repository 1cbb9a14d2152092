//! Connections of the stream: how many, what they are sent, and why they end.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use watchtape_shared::stream::close;

/// The code of a connection that ended without a close frame (RFC 6455, 7.4.1).
const NO_CLOSE_FRAME: u16 = 1006;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct State {
    state: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CloseCode {
    code: u32,
}

/// The connections of this node.
#[derive(Default)]
pub struct StreamMetrics {
    /// Open connections.
    connections: Gauge,
    states: Family<State, Gauge>,
    /// Subscriptions: a symbol of a connection.
    pub subscriptions: Gauge,
    closed: Family<CloseCode, Counter>,
    /// Connections given up because their client does not read.
    pub too_slow: Counter,
    /// Frames of prices made for clients.
    pub frames: Counter,
    /// Bytes of all frames given to sockets.
    pub sent_bytes: Counter,
    /// Values that a newer one has replaced before a client had room for them.
    pub conflated_values: Counter,
}

impl StreamMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        // What is not there cannot be seen to rise.
        for code in [close::NORMAL, NO_CLOSE_FRAME, close::RESTART, close::TRY_AGAIN_LATER, close::TOO_SLOW] {
            drop(self.closed.get_or_create(&CloseCode { code: code.into() }));
        }
        for state in ["authenticating", "open"] {
            drop(self.in_state(state));
        }
        registry.register("connections", "Open streams", self.connections.clone());
        registry.register("stream_connections", "Open streams by their state", self.states.clone());
        registry.register("stream_subscriptions", "Symbols that streams have subscribed", self.subscriptions.clone());
        registry.register("stream_closed", "Streams that ended, by their close code", self.closed.clone());
        registry.register("too_slow", "Streams given up because their client does not read", self.too_slow.clone());
        registry.register("frames", "Frames of prices made for clients", self.frames.clone());
        registry.register("stream_sent_bytes", "Bytes of frames given to sockets", self.sent_bytes.clone());
        let conflated = self.conflated_values.clone();
        registry.register("stream_conflated_values", "Values replaced by newer ones before they were sent", conflated);
    }

    /// Counts a connection that has been opened and has yet to authenticate.
    pub fn record_open(&self) {
        self.connections.inc();
        self.in_state("authenticating").inc();
    }

    /// Counts one of those as authenticated.
    pub fn record_authentication(&self) {
        self.in_state("authenticating").dec();
        self.in_state("open").inc();
    }

    /// Counts out a connection that has ended.
    pub fn record_end(&self, was_authenticated: bool) {
        self.connections.dec();
        self.in_state(if was_authenticated { "open" } else { "authenticating" }).dec();
    }

    fn in_state(&self, state: &'static str) -> Gauge {
        self.states.get_or_create_owned(&State { state })
    }

    /// Counts a connection that ended with this code; `None`: without a close frame.
    pub fn record_close(&self, code: Option<u16>) {
        let code = code.unwrap_or(NO_CLOSE_FRAME).into();
        self.closed.get_or_create(&CloseCode { code }).inc();
    }
}
