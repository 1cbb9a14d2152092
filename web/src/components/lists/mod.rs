//! Lists and their editing: tabs, dialogs, selection, drag and drop, import.

pub(crate) mod drag;
pub(crate) mod empty_list;
pub(crate) mod feed_notice;
pub(crate) mod import_dialog;
pub(crate) mod item_editor;
pub(crate) mod list_body;
pub(crate) mod list_dialog;
pub(crate) mod list_tabs;
pub(crate) mod list_tools;
pub(crate) mod list_tools_loader;
pub(crate) mod market_hours;
pub(crate) mod selection_bar;
pub(crate) mod tab_name;
pub(crate) mod tab_status;
