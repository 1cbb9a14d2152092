//! When API keys are used, to the minute, and the first use of a day in the audit trail. Noted beside the request, which
//! does not wait for it; a note that is lost is made up for by the next use.

use crate::db::api_key::{self, Owned};
use crate::db::audit::{self, NewEvent, Source};
use crate::db::{self, Db};
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use watchtape_shared::KeyId;
use watchtape_shared::audit::EventKind;

/// The most keys whose use waits to be written. Past that, uses are noted later.
const MOST_PENDING: usize = 1_000;

/// The keys whose use is being written, each once.
#[derive(Clone, Default)]
pub struct ApiKeyUsage {
    pending: Arc<Mutex<HashSet<KeyId>>>,
}

impl ApiKeyUsage {
    /// Notes that this key was used just now, unless this minute has been noted. Never waits.
    pub fn note(&self, db: &Db, used: &Owned, source: impl FnOnce() -> Source) {
        let minute = Utc::now().duration_trunc(TimeDelta::minutes(1)).unwrap_or_default();
        if used.key.last_used_at >= Some(minute) || !self.enter(&used.key.id) {
            return;
        }
        let (uses, db, used, source) = (self.clone(), db.clone(), used.clone(), source());
        actix_web::rt::spawn(async move {
            let id = used.key.id.clone();
            if let Err(error) = db.write(move |connection| write(connection, &used, minute, &source)).await {
                tracing::debug!(%error, key = %id, "the use of a key was not noted");
            }
            uses.pending().remove(&id);
        });
    }

    fn enter(&self, id: &KeyId) -> bool {
        let mut pending = self.pending();
        pending.len() < MOST_PENDING && pending.insert(id.clone())
    }

    fn pending(&self) -> std::sync::MutexGuard<'_, HashSet<KeyId>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write(connection: &mut db::DbConnection, used: &Owned, minute: DateTime<Utc>, source: &Source) -> db::Result<()> {
    if api_key::note_use(connection, &used.owner, &used.key.id, minute)? {
        let event = NewEvent::new(EventKind::KeyUsed, &used.owner).api_key(&used.key.id);
        audit::record(connection, source, &event)?;
    }
    Ok(())
}
