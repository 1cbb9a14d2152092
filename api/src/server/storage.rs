//! Opens the database and loads the catalogue at the start of a server.

use crate::catalog;
use crate::clock;
use crate::config::Settings;
use crate::db::{Db, Error, security};
use crate::search::TickerIndex;
use actix_web::web;
use std::sync::Arc;
use std::time::Duration;

/// How long a first start waits for that of another server.
const FIRST_IMPORT_TIMEOUT: Duration = Duration::from_secs(60);

/// Opens the database, off the worker threads, and migrates it to this version's schema.
pub(super) async fn open_database(settings: &Settings) -> Result<Db, String> {
    let url = settings.database();
    let open = move || Db::open(&url).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"));
    web::block(open).await.map_err(|error| error.to_string())?
}

/// Loads the catalogue into the search index; an empty one is filled from the embedded file first.
pub(super) async fn load_catalog(db: &Db) -> Result<Arc<TickerIndex>, String> {
    let count = db.read(security::count).await.map_err(|error| error.to_string())?;
    if count == 0 {
        let tickers = Arc::new(catalog::embedded()?);
        let import = || {
            let tickers = tickers.clone();
            db.write(move |connection| security::import_first(connection, &tickers))
        };
        // Another server's first start may be filling it, for longer than a lock is waited for.
        let began = clock::monotonic();
        while let Err(error) = import().await {
            if !matches!(error, Error::Busy) || began.elapsed() > FIRST_IMPORT_TIMEOUT {
                return Err(error.to_string());
            }
        }
    }
    let tickers = db.read(security::list).await.map_err(|error| error.to_string())?;
    Ok(Arc::new(TickerIndex::new(tickers.into_iter().map(Arc::new).collect())))
}
