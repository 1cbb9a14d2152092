//! Logs, metrics and the supervision of tasks. Traces are not exported.

pub mod logs;
pub mod metrics;
pub mod redaction;
pub mod request_sample;
pub mod supervision;
pub mod throttled_log;
