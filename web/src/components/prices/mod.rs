//! One price and what belongs to it, as a table cell or on a page.

pub(crate) mod change_figure;
pub(crate) mod day_range;
pub(crate) mod figure_row;
pub(crate) mod price_age;
pub(crate) mod price_card;
pub(crate) mod price_figure;
pub(crate) mod sparkline;
