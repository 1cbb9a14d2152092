//! The parts that pages are made of, by what a person does. Each component is a folder, with its style sheet if it has one.

#![expect(unreachable_pub, reason = "the component macro makes the properties of a component public")]

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod controls;
pub(crate) mod lists;
pub(crate) mod prices;
pub(crate) mod search;
pub(crate) mod security;
pub(crate) mod shell;
pub(crate) mod table;
