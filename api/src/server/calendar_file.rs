//! The operator's days of exchanges: a file in the data directory, read at the start and whenever it changes, so that an
//! ad-hoc closure is known without a restart.

use crate::market::calendar::Calendar;
use actix_web::web;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

const CHECK_INTERVAL: Duration = Duration::from_secs(20);

/// What the file was when it was read last; `None` if there was none.
type Version = Option<(SystemTime, u64)>;

/// Watches the file; never returns.
pub(super) async fn watch(path: PathBuf, calendar: Arc<Calendar>) {
    let mut read: Version = None;
    loop {
        let looked_at = path.clone();
        let version = web::block(move || version_of(&looked_at)).await.ok().flatten();
        if version != read {
            apply(path.clone(), calendar.clone(), version.is_some()).await;
        }
        read = version;
        tokio::time::sleep(CHECK_INTERVAL).await;
    }
}

fn version_of(path: &Path) -> Version {
    let found = std::fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

async fn apply(path: PathBuf, calendar: Arc<Calendar>, exists: bool) {
    let (name, end) = (path.display().to_string(), calendar.clone());
    let apply = move || {
        // Without the file there are no additions.
        if exists { calendar.read_additions(&path) } else { calendar.set_additions("", "no file") }
    };
    match web::block(apply).await.map_err(|error| error.to_string()).flatten() {
        Ok(()) => tracing::info!(file = name, end = %end.end(), "read the days of exchanges"),
        Err(error) => tracing::warn!(error, "the days of exchanges were not read: those of before stay"),
    }
}
