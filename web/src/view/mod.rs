//! What views are made with: closures that they follow, parts that keep their elements as they move, dialogs, keys, the
//! focus, and what of the browser stands outside the page: the tab, and the service worker.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod clipboard;
pub(crate) mod dialog;
pub(crate) mod event_target;
pub(crate) mod focus;
pub(crate) mod keyboard;
pub(crate) mod keyed;
pub(crate) mod lazy;
pub(crate) mod listener;
pub(crate) mod reactive;
pub(crate) mod service_worker;
