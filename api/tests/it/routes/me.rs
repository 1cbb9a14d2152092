//! The caller's own account: everything under `/me`.

mod api_keys;
mod audit_events;
mod deletion;
mod destinations;
mod export;
mod keep;
mod key_uses;
mod password;
mod profile;
mod sessions;
