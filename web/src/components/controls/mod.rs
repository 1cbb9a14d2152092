//! Controls that any page uses.

pub(crate) mod brand;
pub(crate) mod choice;
pub(crate) mod dialog_header;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod icon;
pub(crate) mod language_picker;
pub(crate) mod lazy;
pub(crate) mod menu;
pub(crate) mod notice;
