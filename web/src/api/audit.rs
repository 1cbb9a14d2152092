//! The account's audit events.

use super::call::{Call, encoded};
use super::{Api, Failure};
use watchtape_shared::Page;
use watchtape_shared::audit::AuditEvent;

const AT_ONCE: u32 = 20;

impl Api {
    /// The newest events, or the page after a cursor.
    pub(crate) async fn list_audit_events(self, cursor: Option<&str>) -> Result<Page<AuditEvent>, Failure> {
        let mut path = format!("/me/audit-events?limit={AT_ONCE}");
        if let Some(cursor) = cursor {
            path.push_str("&cursor=");
            path.push_str(&encoded(cursor));
        }
        self.authorised(Call::get(path)).await?.json()
    }
}
