//! The HTTP layer: the REST API and the app's static files. `routes` is the URL table; each resource has a file in
//! `handlers`. Deliberately absent: SQL (`db`), and the WebSocket protocol (`stream`).

pub mod client_address;
pub mod cookies;
pub mod error_codes;
mod error_mapping;
pub mod etag;
pub mod extractors;
pub mod handlers;
pub mod idempotency;
pub mod idempotency_key;
pub mod middleware;
pub mod openapi;
pub mod origin;
pub mod own_exchanges;
pub mod pagination;
pub mod problem_response;
pub mod request_limits;
mod routed_path;
pub mod routes;
mod shared_body;
pub mod sign_in_response;
pub mod state;
pub mod static_files;
pub mod swagger_ui;
pub mod trusted_proxies;
