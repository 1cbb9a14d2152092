//! Mail, by SMTP. Without the settings there is none, and what needs it says so.

use lettre::message::Mailbox;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use watchtape_shared::account::Email;

/// How long the server of mail may take for one answer.
const ANSWER: Duration = Duration::from_secs(10);
/// How long it may take for one mail in all.
const MAIL: Duration = Duration::from_secs(30);

/// `smtps://USER:PASSWORD@HOST[:PORT]`, or `smtp://`, which goes over to TLS at once (STARTTLS) on any but one's own machine.
#[derive(Clone)]
pub struct SmtpUrl(String);

/// Whom mail is from, such as `Watchtape <watchtape@example.com>`.
#[derive(Clone, Debug)]
pub struct Sender(Mailbox);

/// Sends mail.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl FromStr for SmtpUrl {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "a server of mail is smtps://USER:PASSWORD@HOST[:PORT], or smtp://";
        let rest = text.strip_prefix("smtp://").or_else(|| text.strip_prefix("smtps://")).ok_or(SHAPE)?;
        let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
        if host.is_empty() || host.contains(['/', '?', '#']) {
            return Err(SHAPE);
        }
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
        let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
        let url =
            if text.starts_with("smtp://") && !is_here { format!("{text}?tls=required") } else { text.to_owned() };
        match AsyncSmtpTransport::<Tokio1Executor>::from_url(&url) {
            Ok(_) => Ok(Self(url)),
            Err(_) => Err(SHAPE),
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

impl Mailer {
    /// By this server, from this sender.
    pub fn new(url: &SmtpUrl, from: &Sender) -> Result<Self, String> {
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&url.0).map_err(|error| error.to_string())?;
        Ok(Self { transport: transport.timeout(Some(ANSWER)).build(), from: from.0.clone() })
    }

    /// Connects and signs in, and sends nothing. An error is one line for the operator.
    pub async fn greet(&self) -> Result<(), String> {
        let greeted = tokio::time::timeout(MAIL, self.transport.test_connection()).await;
        match greeted.map_err(|_| "the server of mail took too long".to_owned())? {
            Ok(true) => Ok(()),
            Ok(false) => Err("the server of mail does not take commands".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Sends a text to an address. An error is one line for the operator.
    pub async fn send(&self, to: &Email, subject: &str, text: String) -> Result<(), String> {
        let address: Address = to.as_str().parse().map_err(|_| "the address is none that mail knows".to_owned())?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, address))
            .subject(subject)
            .message_id(None)
            .body(text)
            .map_err(|error| error.to_string())?;
        let sent = tokio::time::timeout(MAIL, self.transport.send(message)).await;
        sent.map_err(|_| "the server of mail took too long".to_owned())?.map_err(|error| error.to_string())?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_over_the_network_encrypted_or_not_at_all() {
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
