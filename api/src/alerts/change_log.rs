//! Follows the notes of changed alerts, so that alerts changed on any node are in force within a second.
//!
//! Notes are dated by the clock of the node that wrote them, and may be committed later than younger ones: each look goes back by
//! an overlap, and leaves out what it has seen.

use crate::clock;
use crate::db::alert_change::{self, Change};
use crate::db::{Db, Error};
use chrono::{NaiveDateTime, TimeDelta};
use std::collections::HashMap;
use watchtape_shared::AlertId;

/// How far a look goes back.
const OVERLAP: TimeDelta = TimeDelta::seconds(60);
/// Notes of one query.
const PORTION_LEN: i64 = 2_000;

/// The notes that have been seen within the overlap.
#[derive(Default)]
pub(super) struct ChangeLog {
    seen: HashMap<AlertId, NaiveDateTime>,
}

impl ChangeLog {
    /// The changes that have been noted since the last look. They count as seen once [`ChangeLog::mark`] is told.
    pub(super) async fn look(&mut self, db: &Db) -> Result<Vec<Change>, Error> {
        let since = clock::now() - OVERLAP;
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let last: Option<Change> = after.clone();
            let read = move |connection: &mut _| alert_change::list(connection, since, last.as_ref(), PORTION_LEN);
            let portion = db.read(read).await?;
            let is_full = portion.len() as i64 == PORTION_LEN;
            after = portion.last().cloned();
            found.extend(portion.into_iter().filter(|change| self.seen.get(&change.id) != Some(&change.changed_at)));
            if !is_full {
                break;
            }
        }
        // Twice the overlap, as the looks are not at one moment.
        let oldest = since.naive_utc() - OVERLAP;
        self.seen.retain(|_, changed_at| *changed_at >= oldest);
        Ok(found)
    }

    /// These have been taken into account.
    pub(super) fn mark(&mut self, changes: &[Change]) {
        self.seen.extend(changes.iter().map(|change| (change.id.clone(), change.changed_at)));
    }
}
