//! The export of an account: everything about it in one document.

use crate::account::{Device, User};
use crate::alert::{Alert, AlertEvent};
use crate::api_key::ApiKey;
use crate::audit::AuditEvent;
use crate::destination::Destination;
use crate::watchlist::Watchlist;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Everything that is kept about an account, but for what opens it: passwords and keys are kept as hashes alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccountExport {
    /// When it was read out.
    pub exported_at: DateTime<Utc>,
    /// The account.
    pub user: User,
    /// The devices that are signed in.
    pub devices: Vec<Device>,
    /// The API keys.
    pub api_keys: Vec<ApiKey>,
    /// The destinations of alerts, without their secrets.
    pub destinations: Vec<Destination>,
    /// Every list with its items, in the owner's order.
    pub watchlists: Vec<Watchlist>,
    /// Every alert, newest first.
    pub alerts: Vec<Alert>,
    /// The triggers of alerts, newest first.
    pub alert_events: Vec<AlertEvent>,
    /// The audit trail, newest first.
    pub audit_events: Vec<AuditEvent>,
}
