//! The parts that pages are made of: one to a folder, with its own style sheet, in the order in which they stand on the
//! screen.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod brand;
pub(crate) mod icon;
pub(crate) mod topbar;

pub(crate) mod account_menu;
pub(crate) mod account_panel;
pub(crate) mod badges;
pub(crate) mod menu;
pub(crate) mod palette;

pub(crate) mod import_dialog;
pub(crate) mod shortcuts;
pub(crate) mod tool_head;
pub(crate) mod tools;

pub(crate) mod later;
pub(crate) mod list_dialog;
pub(crate) mod list_tabs;
pub(crate) mod tab_name;

pub(crate) mod drag;
pub(crate) mod item_editor;
pub(crate) mod list_body;
pub(crate) mod list_tools;
pub(crate) mod row_menu;
pub(crate) mod selection_bar;
pub(crate) mod wanted_tools;

pub(crate) mod change_figure;
pub(crate) mod day_range;
pub(crate) mod empty_list;
pub(crate) mod lag_notice;
pub(crate) mod lost_banner;
pub(crate) mod market_hours;
pub(crate) mod price_age;
pub(crate) mod price_card;
pub(crate) mod price_figure;
pub(crate) mod quote_row;
pub(crate) mod quote_table;
pub(crate) mod section_row;
pub(crate) mod sort_notice;
pub(crate) mod sparkline;
pub(crate) mod view_panel;

pub(crate) mod bars_table;
pub(crate) mod chart;
pub(crate) mod figure_row;
pub(crate) mod key_figures;
pub(crate) mod security_head;
pub(crate) mod symbol_lists;

pub(crate) mod auth_frame;
pub(crate) mod choice;
pub(crate) mod field;
pub(crate) mod form;
pub(crate) mod guest_bar;
pub(crate) mod guest_entry;
pub(crate) mod languages;
pub(crate) mod new_identity;
pub(crate) mod new_password;
pub(crate) mod notice;
pub(crate) mod toasts;
pub(crate) mod update_notice;
