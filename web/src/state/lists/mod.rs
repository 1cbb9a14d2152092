//! The account's watchlists, the open one, and everything that is done to it.

pub(crate) mod editing_tools;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod item_order;
pub(crate) mod lists_containing;
pub(crate) mod open_list;
pub(crate) mod rows;
pub(crate) mod selection;
pub(crate) mod sorting;
pub(crate) mod undo;
pub(crate) mod watchlists;
