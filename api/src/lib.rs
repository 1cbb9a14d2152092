//! The Watchtape server. `server::build` makes one from settings; `http::routes` is its URL table; ARCHITECTURE.md is
//! the map. The modules stand in the order of their floors: each imports only those above it in this list.

pub mod ids;
pub mod json;

pub mod telemetry;

pub mod db;
pub mod search;

pub mod catalog;
pub mod market;
pub mod transfer;

pub mod cluster;

pub mod limits;

pub mod auth;

pub mod feed;

pub mod history;

pub mod notify;
pub mod stream;

pub mod http;

pub mod config;

pub mod server;

pub mod cli;
