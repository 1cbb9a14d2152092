//! Facts of the world that the catalogue, the search and the import of lists go by: exchanges and countries.
//!
//! Deliberately absent: hours and holidays, which are `market/calendar`'s.

pub mod countries;
pub mod exchanges;
