//! Audit log entries about failed sign-ins, written after the answer, so that known and unknown addresses are answered
//! in the same time.

use super::attempt::Recognised;
use crate::db::Db;
use crate::db::audit::{self, NewEvent, RequestInfo};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tracing::Instrument;
use watchtape_shared::UserId;
use watchtape_shared::audit::EventKind;

/// Entries that may wait to be written; more are dropped with a warning.
const MAX_UNWRITTEN: usize = 64;

/// Writes entries to the audit log in the background.
pub(super) struct AuditLog {
    unwritten: Arc<Semaphore>,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self { unwritten: Arc::new(Semaphore::new(MAX_UNWRITTEN)) }
    }
}

impl AuditLog {
    /// Writes an entry about this account. Never waits.
    pub(super) fn write_later(
        &self,
        db: &Db,
        request_info: RequestInfo,
        owner: UserId,
        recognised: Recognised,
        kind: EventKind,
    ) {
        let Ok(permit) = self.unwritten.clone().try_acquire_owned() else {
            tracing::warn!(user = %owner, kind = kind.as_str(), "audit log entry dropped: too many are waiting");
            return;
        };
        let db = db.clone();
        let work = async move {
            let written = db.write(move |connection| {
                let mut event = NewEvent::new(kind, &owner);
                if let Recognised::Session(session) = &recognised {
                    event = event.session(session);
                }
                audit::record(connection, &request_info, &event)
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "could not write to the audit log");
            }
            drop(permit);
        };
        actix_web::rt::spawn(work.in_current_span());
    }
}
