//! How things look in this browser: preferences, language and table columns, kept in its local storage.

pub(crate) mod choices;
pub(crate) mod column;
pub(crate) mod columns;
pub(crate) mod language;
mod number_format;
pub(crate) mod preferences;
pub(crate) mod stored_choice;
