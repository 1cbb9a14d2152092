//! One try of a delivery: what is sent of it, and what the answer means.

use super::retries;
use crate::clock;
use crate::db::delivery::{Outcome, Payload, Tried};
use crate::db::destination::Target;
use crate::db::due_delivery::DueDelivery;
use crate::notify::alert_mail::AlertMails;
use crate::notify::mail::NotSent;
use crate::notify::message::Message;
use crate::notify::outbound::{Answer, NoAnswer, Outbound};
use crate::notify::state::LinkOrigin;
use crate::notify::web_push::{self, SubscriptionKeys, VapidKey};
use crate::notify::webhook;
use watchtape_shared::destination::{DestinationKind, PushKeys};

/// What a mail server answers with when it has taken a mail.
const SMTP_OK: u16 = 250;

/// The ways out.
pub struct Senders {
    /// Posts to URLs.
    pub outbound: Outbound,
    /// The server's key for push services.
    pub vapid: VapidKey,
    /// Sends mail; `None` without an SMTP server.
    pub mails: Option<AlertMails>,
    /// The app's origin, for links.
    pub origin: LinkOrigin,
}

/// What came of a try, before it is decided what follows.
enum Reply {
    /// Of an HTTP server.
    Http(Result<Answer, NoAnswer>),
    /// Of a mail server.
    Mail(Result<(), NotSent>),
    /// There was none: it cannot be sent.
    Impossible(&'static str),
}

impl Senders {
    /// Tries a delivery once, within the deadlines of `outbound` and `mail`.
    pub async fn try_once(&self, due: &DueDelivery) -> Tried {
        let (at, began) = (clock::now(), clock::monotonic());
        let reply = self.send(due).await;
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let (status, answer) = match &reply {
            Reply::Http(Ok(answer)) => (Some(answer.status.as_u16()), Some(answer.text.clone())),
            Reply::Mail(Ok(())) => (Some(SMTP_OK), None),
            Reply::Mail(Err(NotSent::Refused { code, .. } | NotSent::PutOff { code, .. })) => (*code, None),
            Reply::Http(Err(_)) | Reply::Impossible(_) => (None, None),
        };
        let outcome = outcome_of(reply, due.recipient.target.kind(), due.tries);
        Tried { at, took_ms, status, answer: answer.filter(|text| !text.is_empty()), outcome }
    }

    async fn send(&self, due: &DueDelivery) -> Reply {
        let DueDelivery { id, payload, recipient, .. } = due;
        match &recipient.target {
            Target::Webhook { url, format, secrets } => {
                match webhook::request(*format, id, payload, secrets, self.origin.get(), clock::now()) {
                    Ok(request) => Reply::Http(self.outbound.post(url, request.headers, request.body).await),
                    Err(cause) => Reply::Impossible(cause),
                }
            }
            Target::Email { address } => match &self.mails {
                Some(mails) => Reply::Mail(mails.send(address, &recipient.id, payload).await),
                None => Reply::Impossible("this server sends no mail"),
            },
            Target::WebPush { endpoint, p256dh, auth } => {
                let keys = PushKeys { p256dh: p256dh.clone(), auth: auth.clone() };
                self.push(endpoint, &keys, payload).await
            }
        }
    }

    async fn push(&self, endpoint: &str, keys: &PushKeys, payload: &Payload) -> Reply {
        let (Ok(keys), Ok(url)) = (SubscriptionKeys::parse(keys), self.outbound.check(endpoint)) else {
            return Reply::Impossible("the subscription cannot be used");
        };
        let authorization = self.vapid.authorization(&url, clock::now());
        let topic = match payload {
            Payload::Trigger(event) => Some(web_push::topic(event.alert_id.as_str())),
            Payload::Test | Payload::Confirmation => None,
        };
        match web_push::request(&keys, &Message::of(payload), topic, &authorization) {
            Ok((headers, body)) => Reply::Http(self.outbound.post(endpoint, headers, body).await),
            Err(cause) => Reply::Impossible(cause),
        }
    }
}

/// What follows of a reply, after `tries` before it.
fn outcome_of(reply: Reply, kind: DestinationKind, tries: u32) -> Outcome {
    let again = |error: String, asked| match retries::delay(tries, asked) {
        Some(delay) => Outcome::Again(error, delay),
        None => Outcome::Failed(error),
    };
    match reply {
        Reply::Http(Ok(answer)) => {
            let status = answer.status.as_u16();
            let error = match status {
                300..400 => format!("status {status}: redirects are not followed"),
                _ => format!("status {status}"),
            };
            match (status, kind) {
                (200..300, _) => Outcome::Delivered,
                // A push service does not know the subscription any more (RFC 8030, 7.3).
                (410, _) | (404, DestinationKind::WebPush) => Outcome::Gone(error),
                // It is too large, which it stays.
                (413, DestinationKind::WebPush) => Outcome::Failed(error),
                _ => again(error, answer.retry_after),
            }
        }
        Reply::Http(Err(error)) => again(error.to_string(), None),
        Reply::Mail(Ok(())) => Outcome::Delivered,
        Reply::Mail(Err(NotSent::Refused { cause, .. })) => Outcome::Failed(cause),
        Reply::Mail(Err(NotSent::PutOff { cause, .. })) => again(cause, None),
        Reply::Impossible(cause) => Outcome::Failed(cause.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use std::time::Duration;

    #[test]
    fn what_follows_is_by_the_status_and_the_kind() {
        let outcome = |status: u16, kind, tries| {
            let status = StatusCode::from_u16(status).expect("a status");
            let answer = Answer { status, retry_after: Some(Duration::from_secs(7)), text: String::new() };
            outcome_of(Reply::Http(Ok(answer)), kind, tries)
        };
        use DestinationKind::{WebPush, Webhook};
        assert_eq!(outcome(204, Webhook, 0), Outcome::Delivered);
        assert_eq!(outcome(410, Webhook, 0), Outcome::Gone("status 410".to_owned()));
        assert_eq!(outcome(404, WebPush, 0), Outcome::Gone("status 404".to_owned()));
        assert_eq!(outcome(413, WebPush, 0), Outcome::Failed("status 413".to_owned()));
        for status in [302, 400, 404, 429, 500, 503] {
            let Outcome::Again(error, delay) = outcome(status, Webhook, 0) else { panic!("{status}") };
            assert!(error.starts_with(&format!("status {status}")) && delay.num_seconds() >= 7, "{error}");
            assert!(matches!(outcome(status, Webhook, 6), Outcome::Failed(_)), "the seventh try is the last");
        }
    }
}
