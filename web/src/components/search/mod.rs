//! The command palette.

pub(crate) mod palette;
