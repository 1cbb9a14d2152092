//! The server itself: its build, its threads, its tasks, and whether it is ready.

use super::raise;
use crate::build_info;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Task {
    task: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Worker {
    worker: String,
}

/// A gauge of seconds.
pub type SecondsGauge = Gauge<f64, AtomicU64>;

/// The server of this process.
#[derive(Default)]
pub struct ServerMetrics {
    task_restarts: Family<Task, Counter>,
    event_loop_lag: Family<Worker, SecondsGauge>,
    log_lines_dropped: Counter,
    trace_spans_sent: Counter,
    trace_spans_lost: Counter,
    /// When the exchanges' calendars end, in Unix seconds.
    pub calendar_end: Gauge,
    /// Whether the server has been told to stop.
    pub draining: Gauge,
    /// Whether requests can be served.
    pub ready: Gauge,
}

impl ServerMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        let version = build_info::VERSION.to_owned();
        let commit = build_info::COMMIT.unwrap_or("unknown").to_owned();
        let build = Info::new(vec![("version", version), ("commit", commit)]);
        registry.register("build", "The version of this binary", build);
        let restarts = self.task_restarts.clone();
        registry.register("task_restarts", "Tasks that ended and were started again", restarts);
        let lag = self.event_loop_lag.clone();
        registry.register("event_loop_lag_seconds", "How late a worker thread's timers were, at worst lately", lag);
        registry.register("log_lines_dropped", "Log lines that nobody took in time", self.log_lines_dropped.clone());
        registry.register("trace_spans_sent", "Spans that the collector has taken", self.trace_spans_sent.clone());
        registry.register("trace_spans_lost", "Spans that the collector has not taken", self.trace_spans_lost.clone());
        let end = self.calendar_end.clone();
        registry.register("calendar_end_seconds", "When the calendars of the exchanges end", end);
        registry.register("draining", "Whether the server has been told to stop", self.draining.clone());
        registry.register("ready", "Whether requests can be served", self.ready.clone());
    }

    /// Sets how often each task was started again, how many log lines were dropped, and how many spans were sent and lost since
    /// the start.
    pub fn set_totals(&self, restarts: &[(&'static str, u64)], log_lines_dropped: u64, (sent, lost): (u64, u64)) {
        for (task, count) in restarts {
            raise(&self.task_restarts.get_or_create(&Task { task }), *count);
        }
        raise(&self.log_lines_dropped, log_lines_dropped);
        raise(&self.trace_spans_sent, sent);
        raise(&self.trace_spans_lost, lost);
    }

    /// The gauge of a worker thread's lag.
    pub fn event_loop_lag_of(&self, worker: String) -> SecondsGauge {
        self.event_loop_lag.get_or_create_owned(&Worker { worker })
    }
}
