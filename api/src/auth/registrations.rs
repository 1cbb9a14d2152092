//! Who may open an account: anybody, whom the operator has invited, or nobody; and the limit on accounts that register from a
//! client address, as there is one on guests.
//!
//! An invitation is a link whose token is in the fragment (`#`), which browsers do not send; only its SHA-256 is stored. It is
//! valid for seven days, once: it is used in the transaction that opens the account.

use super::Error;
use super::secret::sha256_hex;
use crate::db::{self, Db, DbConnection, invitation};
use crate::ids::random_token;
use crate::limits::{Limiter, Policy};
use chrono::TimeDelta;
use std::time::Duration;
use watchtape_shared::account::{Email, RegistrationPolicy};

/// How long an invitation is valid.
const INVITATION_LIFETIME: TimeDelta = TimeDelta::days(7);

/// Admits registrations within the policy and the limit.
pub struct Registrations {
    policy: RegistrationPolicy,
    arrivals: Policy,
}

/// The invitation that an account is opened by, if any, to be used in its transaction.
#[derive(Clone, Debug)]
pub struct Admission {
    token_hash: Option<String>,
}

impl Registrations {
    /// So many an hour from a client address, 0 for no limit.
    pub fn new(policy: RegistrationPolicy, per_hour: u32) -> Self {
        Self { policy, arrivals: Policy { name: "register", quota: per_hour, window: Duration::from_secs(3600) } }
    }

    /// Who may open an account.
    pub fn policy(&self) -> RegistrationPolicy {
        self.policy
    }

    /// Counts a registration from this address. [`Error::TooManyRegistrations`] where the address has used up its limit.
    pub async fn admit(&self, limiter: &Limiter, address_bucket: &str) -> Result<(), Error> {
        let status = limiter.take(&self.arrivals, address_bucket).await;
        if status.is_allowed { Ok(()) } else { Err(Error::TooManyRegistrations(status.resets_in)) }
    }

    /// Checks the policy before the costly hash of a password. [`Error::RegistrationClosed`],
    /// [`Error::InvitationRequired`], or [`db::Error::InvitationInvalid`] where the policy asks for an invitation; where it
    /// does not, none is used.
    pub async fn check(&self, db: &Db, invitation: Option<&str>, email: &Email) -> Result<Admission, Error> {
        match (self.policy, invitation) {
            (RegistrationPolicy::Open, _) => Ok(Admission { token_hash: None }),
            (RegistrationPolicy::Closed, _) => Err(Error::RegistrationClosed),
            (RegistrationPolicy::Invite, None) => Err(Error::InvitationRequired),
            (RegistrationPolicy::Invite, Some(token)) => {
                let (token_hash, email) = (sha256_hex(token), email.clone());
                let hash = token_hash.clone();
                db.read(move |connection| invitation::require(connection, &hash, &email)).await?;
                Ok(Admission { token_hash: Some(token_hash) })
            }
        }
    }
}

impl Admission {
    /// Uses the invitation, in the transaction that opens the account of this address. [`db::Error::InvitationInvalid`] where it
    /// was used meanwhile.
    pub fn consume(&self, connection: &mut DbConnection, email: &Email) -> db::Result<()> {
        self.token_hash.as_ref().map_or(Ok(()), |token_hash| invitation::consume(connection, token_hash, email))
    }
}

/// Creates an invitation for this address or, without one, for anybody, and returns its token.
pub fn invite(connection: &mut DbConnection, email: Option<&Email>) -> db::Result<String> {
    let token = random_token();
    invitation::create(connection, &sha256_hex(&token), email, INVITATION_LIFETIME)?;
    Ok(token)
}

/// The URL of an invitation's token at the app's origin.
pub fn invitation_link(origin: &str, token: &str) -> String {
    format!("{origin}/register#{token}")
}
