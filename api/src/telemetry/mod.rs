//! Logs and metrics. Traces are not exported.

pub mod logs;
pub mod metrics;
pub mod redaction;
pub mod supervision;
pub mod throttled_log;
