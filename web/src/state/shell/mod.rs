//! What every page has: its address, dialogs and toasts.

pub(crate) mod dialogs;
pub(crate) mod location;
mod positions;
mod scroll_positions;
pub(crate) mod toasts;
