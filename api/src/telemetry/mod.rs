//! Logs, metrics, traces and the supervision of tasks.

pub mod logs;
pub mod metrics;
pub mod redaction;
pub mod request_sample;
pub mod supervision;
pub mod throttled_log;
pub mod traces;

use logs::{LogSettings, Logs};
use traces::{TraceSettings, Traces};

/// The routes of probes: whoever watches the server asks for them all day, so that their good answers are of no interest to logs
/// and traces, and has an answer on a connection beyond its limit too.
pub const PROBE_ROUTES: [&str; 3] = ["/livez", "/readyz", "/metrics"];

/// Ends with what waits to be written and sent when it is dropped, within a moment.
#[expect(dead_code, reason = "their drop writes and sends what waits")]
pub struct Telemetry {
    traces: Option<Traces>,
    logs: Logs,
}

/// Starts logging, and tracing where there is a collector. An error is one line for the operator.
pub fn start(logs: LogSettings, traces: Option<&TraceSettings>) -> Result<Telemetry, String> {
    let traces = traces.map(Traces::start).transpose()?;
    let logs = logs::start(logs, traces.as_ref())?;
    Ok(Telemetry { traces, logs })
}
