//! One file per resource: request in, response out. What a handler needs to know of its caller stands in its signature,
//! before the path, the query and the body: who may not ask is told so first.

pub mod account;
pub mod api_keys;
pub mod audit;
pub mod auth;
pub mod bars;
pub mod devices;
pub mod docs;
pub mod export;
pub mod guests;
pub mod health;
pub mod items;
pub mod market;
pub mod passwords;
pub mod quotes;
pub mod sparklines;
pub mod stream;
pub mod tickers;
pub mod transfer;
pub mod watchlists;
