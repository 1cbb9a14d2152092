//! What each route does for a caller who uses it well, and what it refuses, seen from outside.

mod auth;
mod bars;
mod items;
mod market;
mod me;
mod quotes;
mod stream;
mod tickers;
mod watchlists;
