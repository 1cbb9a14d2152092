//! The pages, one for each route. A page arranges components; what can change is in `state/`.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod confirm_destination;
pub(crate) mod guard;
pub(crate) mod home;
pub(crate) mod list;
pub(crate) mod login;
pub(crate) mod not_found;
pub(crate) mod register;
pub(crate) mod reset;
pub(crate) mod security;
pub(crate) mod shell;
