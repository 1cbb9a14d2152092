//! Signing in, signing up and the account menu.

pub(crate) mod account_menu;
pub(crate) mod account_panel;
pub(crate) mod auth_frame;
pub(crate) mod guest_bar;
pub(crate) mod guest_entry;
pub(crate) mod new_identity;
pub(crate) mod new_password;
pub(crate) mod registration;
