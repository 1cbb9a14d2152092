//! The tokens of links in mails to destinations: the one that confirms an address, and the one that pauses its mails. Both are
//! derived from the destination's id, so that every node knows them and none is stored.

use crate::auth::Secret;
use crate::auth::secret::{base64url, hmac_sha256};
use watchtape_shared::DestinationId;

/// Bytes of the signature in a pause key: it stands in an address, and pauses one destination.
const PAUSE_BYTES: usize = 16;

/// Makes and reads the tokens.
pub struct MailLinks {
    confirm: [u8; 32],
    pause: [u8; 32],
}

impl MailLinks {
    /// With keys derived from this secret.
    pub fn new(secret: &Secret) -> Self {
        Self {
            confirm: secret.derive_key("confirmation of a destination"),
            pause: secret.derive_key("pause of a destination"),
        }
    }

    /// The token that confirms the address of this destination.
    pub fn confirmation_token(&self, id: &DestinationId) -> String {
        base64url(&hmac_sha256(&self.confirm, id.as_str().as_bytes()))
    }

    /// The page of the app that confirms an address. The token is behind `#`, which browsers do not send.
    pub fn confirmation_link(&self, origin: &str, id: &DestinationId) -> String {
        format!("{origin}/confirm-destination#token={}", self.confirmation_token(id))
    }

    /// The address that mail programs post to for a one-click pause (RFC 8058).
    pub fn pause_link(&self, origin: &str, id: &DestinationId) -> String {
        format!("{origin}/api/v1/destinations/{}/pause", self.pause_key(id))
    }

    fn pause_key(&self, id: &DestinationId) -> String {
        let signature = hmac_sha256(&self.pause, id.as_str().as_bytes());
        format!("{id}.{}", base64url(&signature[..PAUSE_BYTES]))
    }

    /// The destination that a pause key is of; `None` for one that was not made here.
    pub fn paused_by(&self, key: &str) -> Option<DestinationId> {
        let (id, _) = key.split_once('.')?;
        let id = DestinationId::parse(id).ok()?;
        // Compared by their digests, which take the same time wherever they differ.
        let digest = |text: &str| hmac_sha256(&self.pause, text.as_bytes());
        (digest(&self.pause_key(&id)) == digest(key)).then_some(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn a_key_pauses_its_own_destination() {
        let links = MailLinks::new(&Secret::new("an installation's own secret, long enough").expect("long enough"));
        let (one, other) = (ids::destination(), ids::destination());
        let key = links.pause_key(&one);
        assert_eq!(links.paused_by(&key), Some(one.clone()));
        let foreign = key.replace(one.as_str(), other.as_str());
        for wrong in ["", "x", one.as_str(), &format!("{one}."), &foreign, &key[..key.len() - 1]] {
            assert_eq!(links.paused_by(wrong), None, "{wrong}");
        }
        assert_ne!(links.confirmation_token(&one), links.confirmation_token(&other));
    }
}
