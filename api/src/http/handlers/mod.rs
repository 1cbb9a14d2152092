//! The handlers, one file for each resource, grouped as in the URL table (`routes`).

pub mod guests;
pub mod login;
pub mod logout;
pub mod password_reset;
pub mod refresh;
pub mod registration;

pub mod account;
pub mod account_export;
pub mod api_keys;
pub mod audit_events;
pub mod destinations;
pub mod devices;

pub mod bars;
pub mod market;
pub mod metrics;
pub mod quotes;
pub mod sparklines;
pub mod tickers;

mod append_items;
pub mod items;
pub mod watchlist_files;
pub mod watchlists;

mod alert_checks;
pub mod alert_events;
pub mod alert_previews;
pub mod alerts;

pub mod stream;

pub mod health;
pub mod openapi;
