//! How things look in this browser: preferences and table columns, kept in its local storage.

pub(crate) mod columns;
pub(crate) mod preferences;
