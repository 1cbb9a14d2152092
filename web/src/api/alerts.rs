//! Price alerts, and what triggered.

use super::call::{Call, encoded};
use super::{Api, Failure, IdempotencyKey};
use watchtape_shared::alert::{
    Alert, AlertEvent, AlertPatch, BulkAlerts, BulkAlertsResult, NewAlert, Preview, PreviewRequest,
};
use watchtape_shared::{AlertId, Page};

/// The most that one page has.
const PAGE: usize = 100;
/// The most pages that are read: more alerts than an operator is likely to allow.
const MAX_PAGES: usize = 100;

impl Api {
    /// Every alert of the account.
    pub(crate) async fn list_alerts(self) -> Result<Vec<Alert>, Failure> {
        let mut alerts = Vec::new();
        let mut cursor = None::<String>;
        for _ in 0..MAX_PAGES {
            let page: Page<Alert> = self.authorised(Call::get(page_of("/alerts", cursor.as_deref()))).await?.json()?;
            alerts.extend(page.items);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        Ok(alerts)
    }

    /// One alert.
    pub(crate) async fn get_alert(self, id: &AlertId) -> Result<Alert, Failure> {
        self.authorised(Call::get(format!("/alerts/{id}"))).await?.json()
    }

    /// Makes an alert.
    pub(crate) async fn create_alert(self, new: &NewAlert, key: &IdempotencyKey) -> Result<Alert, Failure> {
        self.create(Call::post_json("/alerts", new), key).await?.json()
    }

    /// Changes an alert, if it still has this version.
    pub(crate) async fn update_alert(self, id: &AlertId, patch: &AlertPatch, version: u64) -> Result<Alert, Failure> {
        self.authorised(Call::merge_patch(format!("/alerts/{id}"), patch).if_version(version)).await?.json()
    }

    /// Makes, pauses, resumes and deletes alerts: all of it or nothing.
    pub(crate) async fn change_alerts(
        self,
        bulk: &BulkAlerts,
        key: &IdempotencyKey,
    ) -> Result<BulkAlertsResult, Failure> {
        self.create(Call::post_json("/alerts/bulk", bulk), key).await?.json()
    }

    /// When an alert would have triggered.
    pub(crate) async fn preview_alert(self, request: &PreviewRequest) -> Result<Preview, Failure> {
        self.authorised(Call::post_json("/alerts/preview", request)).await?.json()
    }

    /// What triggered, the newest first, from a cursor on.
    pub(crate) async fn list_alert_events(self, cursor: Option<&str>) -> Result<Page<AlertEvent>, Failure> {
        self.authorised(Call::get(page_of("/alert-events", cursor))).await?.json()
    }
}

fn page_of(path: &str, cursor: Option<&str>) -> String {
    let mut path = format!("{path}?limit={PAGE}");
    if let Some(cursor) = cursor {
        path += "&cursor=";
        path += &encoded(cursor);
    }
    path
}
