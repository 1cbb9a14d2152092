//! Prices: quotes of symbols, sparklines, chart data, and which symbols are subscribed.

pub(crate) mod chart_data;
pub(crate) mod price_card;
pub(crate) mod quotes;
pub(crate) mod sparklines;
pub(crate) mod tick;
pub(crate) mod visible_symbols;
