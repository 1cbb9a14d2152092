//! The handlers: a file for each resource, in the order of the URL table. Request in, response out.

pub mod guests;
pub mod login;
pub mod password_reset;
pub mod refresh;
pub mod registration;

pub mod account;
pub mod account_export;
pub mod api_keys;
pub mod audit_events;
pub mod devices;

pub mod bars;
pub mod market;
pub mod quotes;
pub mod sparklines;
pub mod tickers;

pub mod items;
pub mod list_files;
pub mod watchlists;

pub mod stream;

pub mod health;
pub mod openapi;
