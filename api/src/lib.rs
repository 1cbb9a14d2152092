//! The Watchtape server. `server::build` builds it from settings; `http::routes` is the URL table; ARCHITECTURE.md is
//! the map. The modules are in the order of their layers: each imports only modules above it in this list
//! (`tests/it/layers.rs`).

pub mod build_info;
pub mod clock;
pub mod ids;
pub mod json;
pub mod keyed_permits;
pub mod random;
pub mod reference;
pub mod tls;

pub mod telemetry;

pub mod db;
pub mod search;

pub mod catalog;
pub mod market;
pub mod transfer;

pub mod cluster;

pub mod limits;

pub mod alerts;
pub mod auth;

pub mod feed;

pub mod history;

pub mod notify;
pub mod stream;

pub mod http;

pub mod config;

pub mod server;

pub mod cli;
