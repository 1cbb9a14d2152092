//! Entries of the audit log about failed sign-ins, written after the answer: known and unknown addresses have to be
//! answered in the same time.

use super::attempt::Recognised;
use crate::db::Db;
use crate::db::audit::{self, NewEvent, Source};
use std::sync::Arc;
use tokio::sync::Semaphore;
use tracing::Instrument;
use watchtape_shared::UserId;
use watchtape_shared::audit::EventKind;

/// How many entries wait to be written.
const MOST_UNWRITTEN: usize = 64;

/// Writes entries in the background.
pub(super) struct AuditLog {
    unwritten: Arc<Semaphore>,
}

impl Default for AuditLog {
    fn default() -> Self {
        Self { unwritten: Arc::new(Semaphore::new(MOST_UNWRITTEN)) }
    }
}

impl AuditLog {
    /// Writes to the audit log of an account. Never waits.
    pub(super) fn write_later(&self, db: &Db, source: Source, owner: UserId, recognised: Recognised, kind: EventKind) {
        let Ok(permit) = self.unwritten.clone().try_acquire_owned() else {
            tracing::warn!(user = %owner, kind = kind.as_str(), "more to write to the audit log than can be written");
            return;
        };
        let db = db.clone();
        let work = async move {
            let written = db.write(move |connection| {
                let mut event = NewEvent::new(kind, &owner);
                if let Recognised::Session(session) = &recognised {
                    event = event.session(session);
                }
                audit::record(connection, &source, &event)
            });
            if let Err(error) = written.await {
                tracing::warn!(%error, "could not write to the audit log");
            }
            drop(permit);
        };
        actix_web::rt::spawn(work.in_current_span());
    }
}
