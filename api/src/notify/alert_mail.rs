//! The mails to destinations: alerts, and the one that asks to confirm an address.

use super::mail::{Mail, Mailer, NotSent};
use super::mail_links::MailLinks;
use super::message::Message;
use super::state::LinkOrigin;
use crate::db::delivery::Payload;
use std::sync::Arc;
use watchtape_shared::DestinationId;
use watchtape_shared::account::Email;

/// Sends mails to destinations.
pub struct AlertMails {
    /// Sends mail.
    pub mailer: Mailer,
    /// The links in them.
    pub links: Arc<MailLinks>,
    /// The app's origin, for the links.
    pub origin: LinkOrigin,
}

impl AlertMails {
    /// Sends a delivery to the address of this destination.
    pub async fn send(&self, to: &Email, id: &DestinationId, payload: &Payload) -> Result<(), NotSent> {
        let mail = match payload {
            Payload::Confirmation => self.confirmation(id),
            Payload::Trigger(_) | Payload::Test => self.alert(id, &Message::of(payload)),
        };
        self.mailer.send_mail(to, mail).await
    }

    fn confirmation(&self, id: &DestinationId) -> Mail {
        let link = self.links.confirmation_link(self.origin.get(), id);
        let text = format!(
            "Somebody, we hope you, asked for price alerts of Watchtape to be mailed to this address.\n\n\
             Confirm it here within a day:\n\n{link}\n\n\
             If it was not you, do nothing: no alert is mailed here.\n"
        );
        Mail { subject: "Confirm this address for Watchtape alerts".to_owned(), text, unsubscribe: None }
    }

    fn alert(&self, id: &DestinationId, message: &Message) -> Mail {
        let origin = self.origin.get();
        let text = format!(
            "{}\n\n{origin}{}\n\n--\nYou asked for these mails in Watchtape: {origin}/account\n",
            message.text(usize::MAX),
            message.path,
        );
        Mail { subject: message.sentence.clone(), text, unsubscribe: Some(self.links.pause_link(origin, id)) }
    }
}
