//! What destinations of alerts are sent, seen from the receiver.

mod documents;
mod fairness;
mod mail;
mod outbound;
mod retries;
mod scene;
mod web_push;
mod webhooks;
