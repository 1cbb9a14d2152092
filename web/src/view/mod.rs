//! What views are made with: closures that they follow, parts that keep their elements as they move, and the focus.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod focus;
pub(crate) mod follow;
pub(crate) mod keyed;
pub(crate) mod listen;
