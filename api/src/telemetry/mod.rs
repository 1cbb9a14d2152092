//! Logs and metrics. Traces are not exported.

pub mod logs;
pub mod metrics;
