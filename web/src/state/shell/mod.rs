//! What every page has: its address, dialogs and toasts.

pub(crate) mod dialogs;
pub(crate) mod location;
pub(crate) mod toasts;
