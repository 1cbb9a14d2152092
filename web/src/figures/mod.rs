//! Prices, changes and ages as people read them, and the arithmetic of a tick.
//!
//! Deliberately absent: the DOM, signals and clocks. Everything here is a function of its arguments and of the marks that
//! figures are written with, and no price passes through floating point.

pub(crate) mod age;
pub(crate) mod bars;
pub(crate) mod change;
pub(crate) mod marks;
pub(crate) mod money;
pub(crate) mod span;
pub(crate) mod tick;
