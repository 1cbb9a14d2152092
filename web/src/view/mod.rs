//! Helpers of views: type-erased closures, keyed lists, lazy views, dialogs, focus, keyboard, clipboard, the
//! steady clock, pauses, and the service worker.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod clipboard;
pub(crate) mod dialog;
pub(crate) mod event_target;
pub(crate) mod focus;
pub(crate) mod keyboard;
pub(crate) mod keyed;
pub(crate) mod lazy;
pub(crate) mod listener;
pub(crate) mod pause;
pub(crate) mod push;
pub(crate) mod reactive;
pub(crate) mod service_worker;
pub(crate) mod steady;
pub(crate) mod title;
