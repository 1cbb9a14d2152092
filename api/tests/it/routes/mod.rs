//! What each route does for a caller who uses it well, and what it refuses, seen from outside.

mod alerts;
mod auth;
mod bars;
mod guests;
mod idempotency;
mod items;
mod market;
mod me;
mod passwords;
mod quotes;
mod registration;
mod sparklines;
mod stream;
mod tickers;
mod transfer;
mod unicode;
mod watchlists;
