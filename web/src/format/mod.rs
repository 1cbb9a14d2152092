//! Numbers as text: prices, changes, volumes, ages; and the geometry of sparklines and ranges.
//!
//! Deliberately absent: the DOM, signals and clocks. Everything here is a function of its arguments and of the chosen
//! separators, and no price passes through floating point.

pub(crate) mod age;
pub(crate) mod change;
pub(crate) mod money;
pub(crate) mod number_input;
pub(crate) mod range_position;
pub(crate) mod separators;
pub(crate) mod sparkline_path;
pub(crate) mod volume;
