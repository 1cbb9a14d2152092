//! What happens to every request before and after its handler, in the order of `server::http_server`.

pub mod cors;
pub mod header_limit;
pub mod rate_limit;
pub mod request_id;
pub mod request_log;
pub mod security_headers;
