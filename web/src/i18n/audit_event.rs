//! Audit events as sentences.

use crate::texts::account as say;
use watchtape_shared::audit::EventKind;

/// A kind of event as a sentence.
pub(crate) fn sentence(kind: EventKind) -> &'static str {
    match kind {
        EventKind::AccountOpened => say::event_account_opened(),
        EventKind::AccountKept => say::event_account_kept(),
        EventKind::SignedIn => say::event_signed_in(),
        EventKind::SignInFailed => say::event_sign_in_failed(),
        EventKind::SignInThrottled => say::event_sign_in_throttled(),
        EventKind::SignedOut => say::event_signed_out(),
        EventKind::SignedOutEverywhere => say::event_signed_out_everywhere(),
        EventKind::SessionRevoked => say::event_session_revoked(),
        EventKind::RefreshTokenReused => say::event_refresh_token_reused(),
        EventKind::ProfileChanged => say::event_profile_changed(),
        EventKind::PasswordChanged => say::event_password_changed(),
        EventKind::ResetLinkMade => say::event_reset_link_made(),
        EventKind::PasswordReset => say::event_password_reset(),
        EventKind::KeyCreated => say::event_key_created(),
        EventKind::KeyRevoked => say::event_key_revoked(),
        EventKind::KeyUsed => say::event_key_used(),
        EventKind::AccountExported => say::event_account_exported(),
        EventKind::AccountDisabled => say::event_account_disabled(),
    }
}

/// Whether the event is suspicious.
pub(crate) fn is_alarming(kind: EventKind) -> bool {
    matches!(kind, EventKind::SignInFailed | EventKind::SignInThrottled | EventKind::RefreshTokenReused)
}
