//! Prices, changes and ages as people read them, and the arithmetic of a tick.
//!
//! Deliberately absent: the DOM, signals and clocks. Everything here is a function of its arguments and of the marks that
//! figures are written with, and no price passes through floating point.

pub(crate) mod age;
pub(crate) mod change;
pub(crate) mod money;
pub(crate) mod range_position;
pub(crate) mod separators;
pub(crate) mod sparkline_path;
pub(crate) mod volume;
