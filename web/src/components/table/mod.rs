//! The table of the open list.

pub(crate) mod quote_row;
pub(crate) mod quote_table;
pub(crate) mod row_menu;
pub(crate) mod section_row;
pub(crate) mod sort_notice;
pub(crate) mod view_panel;
pub(crate) mod viewport;
