//! The sign-in session, and what follows from it.

pub(crate) mod session;
pub(crate) mod sign_in;
