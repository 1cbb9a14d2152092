//! The Watchtape server. `startup::build` makes one from settings; `routes` is its URL table; ARCHITECTURE.md is the map.

pub mod app_files;
pub mod auth;
pub mod catalog;
pub mod cli;
pub mod client;
pub mod conditional;
pub mod config;
pub mod db;
pub mod doctor;
pub mod error;
pub mod events;
pub mod extract;
pub mod handlers;
pub mod ids;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod openapi;
pub mod prices;
pub mod problems;
pub mod routes;
pub mod search;
pub mod startup;
pub mod state;
pub mod telemetry;
