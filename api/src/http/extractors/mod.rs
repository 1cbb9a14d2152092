//! Request parts that are parsed before a handler runs, and refused with a problem where they do not parse.

pub mod body;
pub mod caller;

pub use body::{Json, MergePatch, Query};
pub use caller::{Reader, Writer};
