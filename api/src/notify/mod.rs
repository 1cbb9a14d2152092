//! What reaches people outside the app: mail.

pub mod mail;
pub mod reset_mail;
