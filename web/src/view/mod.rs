//! What views are made with: closures that they follow, parts that keep their elements as they move, dialogs, keys
//! and the focus.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod dialog;
pub(crate) mod focus;
pub(crate) mod follow;
pub(crate) mod keyed;
pub(crate) mod keys;
pub(crate) mod pasted;
