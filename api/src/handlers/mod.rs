//! One file per resource: request in, response out. What a handler needs to know of its caller stands in its signature.

pub mod account;
pub mod auth;
pub mod docs;
pub mod health;
pub mod items;
pub mod market;
pub mod quotes;
pub mod stream;
pub mod tickers;
pub mod watchlists;
