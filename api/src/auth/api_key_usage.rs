//! Records when API keys are used, to the minute, and writes the first use of a day to the audit log. Runs beside the
//! request, which does not wait for it; a write that fails is made up for by the next use.

use crate::clock;
use crate::db::api_key::{self, OwnedKey};
use crate::db::audit::{self, NewEvent, RequestInfo};
use crate::db::{self, Db};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use watchtape_shared::KeyId;
use watchtape_shared::audit::EventKind;

/// Keys whose use may wait to be written. Beyond that, the next use is written instead.
const MAX_PENDING: usize = 1_000;

/// The keys whose use is being written, each once.
#[derive(Clone, Default)]
pub struct ApiKeyUsage {
    pending: Arc<Mutex<HashSet<KeyId>>>,
}

impl ApiKeyUsage {
    /// Records that this key is used now, unless this minute has been recorded. Never waits.
    pub fn record(&self, db: &Db, used: &OwnedKey, request_info: impl FnOnce() -> RequestInfo) {
        let minute = clock::now().duration_trunc(TimeDelta::minutes(1)).unwrap_or_default();
        let recorded = minute..minute + api_key::MAX_CLOCK_DIFFERENCE;
        if used.key.last_used_at.is_some_and(|at| recorded.contains(&at)) || !self.start(&used.key.id) {
            return;
        }
        let (uses, db, used, request_info) = (self.clone(), db.clone(), used.clone(), request_info());
        actix_web::rt::spawn(async move {
            let id = used.key.id.clone();
            if let Err(error) = db.write(move |connection| write(connection, &used, minute, &request_info)).await {
                tracing::debug!(%error, key = %id, "could not record the use of an API key");
            }
            uses.pending().remove(&id);
        });
    }

    fn start(&self, id: &KeyId) -> bool {
        let mut pending = self.pending();
        pending.len() < MAX_PENDING && pending.insert(id.clone())
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, HashSet<KeyId>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(
    connection: &mut db::DbConnection,
    used: &OwnedKey,
    minute: DateTime<Utc>,
    request_info: &RequestInfo,
) -> db::Result<()> {
    if api_key::record_use(connection, &used.owner, &used.key.id, minute)? {
        let event = NewEvent::new(EventKind::KeyUsed, &used.owner).api_key(&used.key.id);
        audit::record(connection, request_info, &event)?;
    }
    Ok(())
}
