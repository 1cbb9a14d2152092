//! The parts of a security's page.

pub(crate) mod bars_table;
pub(crate) mod chart;
pub(crate) mod key_figures;
pub(crate) mod security_head;
pub(crate) mod symbol_lists;
