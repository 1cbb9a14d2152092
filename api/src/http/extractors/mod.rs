//! Extractors: parts of a request that are parsed before its handler runs, or answered with problem details.

pub mod body;
pub mod caller;

pub use body::{Json, MergePatch, Query};
pub use caller::{Reader, Writer};
