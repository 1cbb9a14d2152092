//! Mail by SMTP. Without the settings no mail is sent, and features that need it answer with an error.

use crate::tls;
use lettre::message::Mailbox;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use watchtape_shared::account::Email;

/// How long the mail server may take to answer one command.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
/// How long sending one mail may take in all.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// `smtps://USER:PASSWORD@HOST[:PORT]`, or `smtp://`, which requires STARTTLS except on a loopback host.
#[derive(Clone)]
pub struct SmtpUrl(String);

/// The sender of mail, such as `Watchtape <watchtape@example.com>`.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// A plain text mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
    /// The address that a mail program posts to so that no more of its kind come (RFC 8058), if it has one.
    pub unsubscribe: Option<String>,
}

/// Why a mail was not sent, in one line for the operator. The text of the mail server is left out: it repeats the address.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The mail server refuses it for good.
    #[error("{cause}")]
    Refused {
        /// Why.
        cause: String,
        /// The code that the mail server answered with, if it did.
        code: Option<u16>,
    },
    /// The mail server puts it off, or cannot be reached: it may be sent later.
    #[error("{cause}")]
    PutOff {
        /// Why.
        cause: String,
        /// The code that the mail server answered with, if it did.
        code: Option<u16>,
    },
}

impl NotSent {
    fn of(error: &smtp::Error) -> Self {
        match error.status() {
            Some(code) if error.is_permanent() => {
                Self::Refused { cause: format!("the mail server refuses it with {code}"), code: Some(code.into()) }
            }
            Some(code) => {
                Self::PutOff { cause: format!("the mail server puts it off with {code}"), code: Some(code.into()) }
            }
            None => Self::put_off(format!("the mail server cannot be reached: {error}")),
        }
    }
}

impl NotSent {
    fn refused(cause: impl Into<String>) -> Self {
        Self::Refused { cause: cause.into(), code: None }
    }

    fn put_off(cause: impl Into<String>) -> Self {
        Self::PutOff { cause: cause.into(), code: None }
    }
}

impl FromStr for SmtpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "a mail server is smtps://USER:PASSWORD@HOST[:PORT], or smtp://";
        let rest = text.strip_prefix("smtp://").or_else(|| text.strip_prefix("smtps://")).ok_or(EXPECTED)?;
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        if host.is_empty() || host.contains(['/', '?', '#']) {
            return Err(EXPECTED);
        }
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let is_loopback = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        let url =
            if text.starts_with("smtp://") && !is_loopback { format!("{text}?tls=required") } else { text.to_owned() };
        tls::install();
        match AsyncSmtpTransport::<Tokio1Executor>::from_url(&url) {
            Ok(_) => Ok(Self(url)),
            Err(_) => Err(EXPECTED),
        }
    }
}

impl fmt::Debug for SmtpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A URL may hold a password.
        f.write_str("SmtpUrl(…)")
    }
}

impl FromStr for Sender {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| "a sender looks like Watchtape <watchtape@example.com>")
    }
}

impl Sender {
    /// Its address.
    pub fn address(&self) -> String {
        self.0.email.to_string()
    }
}

impl Mailer {
    /// Sends by this server, from this sender.
    pub fn new(url: &SmtpUrl, from: &Sender) -> Result<Self, String> {
        tls::install();
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url.0).map_err(|error| error.to_string())?;
        Ok(Self { transport: transport.timeout(Some(COMMAND_TIMEOUT)).build(), from: from.0.clone() })
    }

    /// Connects and authenticates, and sends no mail. An error is one line for the operator.
    pub async fn check_connection(&self) -> Result<(), String> {
        let checked = tokio::time::timeout(SEND_TIMEOUT, self.transport.test_connection()).await;
        match checked.map_err(|_| "the mail server did not answer in time".to_owned())? {
            Ok(true) => Ok(()),
            Ok(false) => Err("the mail server does not accept commands".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sends a plain text mail.
    pub async fn send(&self, to: &Email, subject: &str, text: String) -> Result<(), NotSent> {
        self.send_mail(to, Mail { subject: subject.to_owned(), text, unsubscribe: None }).await
    }

    /// Sends a mail.
    pub async fn send_mail(&self, to: &Email, mail: Mail) -> Result<(), NotSent> {
        let invalid = |_| NotSent::refused("the address is not a valid mail address");
        let address: Address = to.to_ascii_domain().parse().map_err(invalid)?;
        let mut builder = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(mail.subject)
            .message_id(None);
        if let Some(url) = mail.unsubscribe {
            for (name, value) in [
                (HeaderName::new_from_ascii_str("List-Unsubscribe"), format!("<{url}>")),
                (HeaderName::new_from_ascii_str("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click".to_owned()),
                // No vacation notice is to answer (RFC 3834).
                (HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()),
            ] {
                builder = builder.raw_header(HeaderValue::new(name, value));
            }
        }
        let message = builder.body(mail.text).map_err(|error| NotSent::refused(error.to_string()))?;
        let late = |_| NotSent::put_off("the mail server did not answer in time");
        let sent = tokio::time::timeout(SEND_TIMEOUT, self.transport.send(message)).await.map_err(late)?;
        sent.map(|_| ()).map_err(|error| NotSent::of(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_sent_over_tls_or_to_a_loopback_host() {
        for (text, kept) in [
            ("smtps://a:b@mail.example.com", Some("smtps://a:b@mail.example.com")),
            ("smtp://a:b@mail.example.com:587", Some("smtp://a:b@mail.example.com:587?tls=required")),
            ("smtp://127.0.0.1:2525", Some("smtp://127.0.0.1:2525")),
            ("smtp://127.0.0.1@mail.example.com", Some("smtp://127.0.0.1@mail.example.com?tls=required")),
            ("smtp://a:b@mail.example.com?tls=opportunistic", None),
            ("smtp://", None),
            ("https://mail.example.com", None),
        ] {
            assert_eq!(text.parse::<SmtpUrl>().ok().map(|url| url.0).as_deref(), kept, "{text}");
        }
        assert!(!format!("{:?}", "smtp://a:hunter2@localhost".parse::<SmtpUrl>()).contains("hunter2"));
    }
}
