//! Audit events as sentences.

use crate::texts::account as t;
use watchtape_shared::audit::EventKind;

/// A kind of event as a sentence.
pub(crate) fn sentence(kind: EventKind) -> &'static str {
    match kind {
        EventKind::AccountOpened => t::event_account_opened(),
        EventKind::AccountKept => t::event_account_kept(),
        EventKind::SignedIn => t::event_signed_in(),
        EventKind::SignInFailed => t::event_sign_in_failed(),
        EventKind::SignInThrottled => t::event_sign_in_throttled(),
        EventKind::SignedOut => t::event_signed_out(),
        EventKind::SignedOutEverywhere => t::event_signed_out_everywhere(),
        EventKind::SessionRevoked => t::event_session_revoked(),
        EventKind::RefreshTokenReused => t::event_refresh_token_reused(),
        EventKind::ProfileChanged => t::event_profile_changed(),
        EventKind::PasswordChanged => t::event_password_changed(),
        EventKind::ResetLinkMade => t::event_reset_link_made(),
        EventKind::PasswordReset => t::event_password_reset(),
        EventKind::KeyCreated => t::event_key_created(),
        EventKind::KeyRevoked => t::event_key_revoked(),
        EventKind::KeyUsed => t::event_key_used(),
        EventKind::DestinationCreated => t::event_destination_created(),
        EventKind::DestinationDeleted => t::event_destination_deleted(),
        EventKind::DestinationSecretRotated => t::event_destination_secret_rotated(),
        EventKind::AccountExported => t::event_account_exported(),
        EventKind::AccountDisabled => t::event_account_disabled(),
        EventKind::AccountEnabled => t::event_account_enabled(),
    }
}

/// Whether the event is suspicious.
pub(crate) fn is_suspicious(kind: EventKind) -> bool {
    matches!(kind, EventKind::SignInFailed | EventKind::SignInThrottled | EventKind::RefreshTokenReused)
}
