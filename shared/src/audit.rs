//! The audit log: events of an account, with the request that caused each.

use crate::{EventId, KeyId, SessionId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $wire:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum EventKind { $($(#[$doc])* $name,)* }

        impl EventKind {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The kind's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }
        }
    };
}

kinds! {
    /// The account was opened.
    AccountOpened = "account_opened",
    /// A guest kept the account, by an address and a password.
    AccountKept = "account_kept",
    /// A device signed in.
    SignedIn = "signed_in",
    /// Somebody tried a wrong password.
    SignInFailed = "sign_in_failed",
    /// Tries for the account were turned away because there had been too many.
    SignInThrottled = "sign_in_throttled",
    /// A device signed out.
    SignedOut = "signed_out",
    /// All devices were signed out.
    SignedOutEverywhere = "signed_out_everywhere",
    /// A device was signed out from another one.
    SessionRevoked = "session_revoked",
    /// A used refresh token came back, and the session was ended.
    RefreshTokenReused = "refresh_token_reused",
    /// The display name or the address was changed.
    ProfileChanged = "profile_changed",
    /// The password was changed.
    PasswordChanged = "password_changed",
    /// A link to set a new password was made.
    ResetLinkMade = "reset_link_made",
    /// A new password was set by such a link.
    PasswordReset = "password_reset",
    /// An API key was made.
    KeyCreated = "key_created",
    /// An API key was revoked.
    KeyRevoked = "key_revoked",
    /// An API key was used for the first time in a day.
    KeyUsed = "key_used",
    /// A destination of alerts was made.
    DestinationCreated = "destination_created",
    /// A destination of alerts was deleted.
    DestinationDeleted = "destination_deleted",
    /// The secret that a destination's webhooks are signed with was replaced.
    DestinationSecretRotated = "destination_secret_rotated",
    /// Everything about the account was read out.
    AccountExported = "account_exported",
    /// The operator barred the account.
    AccountDisabled = "account_disabled",
    /// An operator let the account sign in again.
    AccountEnabled = "account_enabled",
}

/// An entry of the account's audit trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditEvent {
    /// Names the entry.
    pub id: EventId,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// What happened.
    pub kind: EventKind,
    /// Which device did it, or was concerned.
    pub session: Option<SessionId>,
    /// Which API key did it, or was concerned.
    pub api_key: Option<KeyId>,
    /// The address that it came from.
    #[cfg_attr(feature = "openapi", schema(example = "203.0.113.7"))]
    pub address: Option<String>,
    /// What the program called itself, at most 200 characters.
    #[cfg_attr(feature = "openapi", schema(example = "Mozilla/5.0 (X11; Linux x86_64)"))]
    pub user_agent: Option<String>,
    /// The request, as the server's log names it; null for a command of the operator's.
    #[cfg_attr(feature = "openapi", schema(example = "0193a1c2-7d5e-7c3a-9b1f-2f6f0c1d2e3f"))]
    pub request_id: Option<String>,
    /// What else there is to say.
    #[cfg_attr(feature = "openapi", schema(example = "email"))]
    pub detail: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::EventKind;

    #[test]
    fn a_kind_has_one_name() {
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("plain data"), kind.as_str());
        }
    }
}
