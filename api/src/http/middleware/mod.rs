//! Middleware for every request. `server::listener` sets the order.

pub mod cors;
pub mod header_limit;
pub mod rate_limit;
pub mod request_id;
pub mod request_log;
pub mod security_headers;
