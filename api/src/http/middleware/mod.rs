//! Middleware for every request. `server::listener` sets the order.

pub mod cors;
pub mod header_limit;
pub mod plain_bodies;
pub mod rate_limit;
pub mod request_id;
pub mod request_log;
pub mod requests_under_way;
pub mod reserved_connections;
pub mod security_headers;
