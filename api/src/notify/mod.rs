//! Notifications outside the app: mail by SMTP, and the delivery of alerts to webhooks, mailboxes and browsers.

pub mod delivery;
pub mod message;
pub mod web_push;
pub mod webhook;

pub mod alert_mail;
pub mod mail;
pub mod mail_links;
pub mod outbound;
pub mod reset_mail;
pub mod state;
