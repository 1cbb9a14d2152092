//! Notifications outside the app: mail by SMTP.

pub mod mail;
pub mod reset_mail;
