//! Opens the database and loads the catalogue at the start of a server.

use crate::catalog;
use crate::clock;
use crate::config::Settings;
use crate::db::{Db, Error, FIRST_START_TIMEOUT, RETRY_INTERVAL, security};
use crate::search::TickerIndex;
use actix_web::web;
use std::sync::Arc;

/// Opens the database, off the worker threads, and migrates it to this version's schema.
pub(super) async fn open_database(settings: &Settings) -> Result<Db, String> {
    let (url, pool) = (settings.database(), settings.database_pool);
    let open = move || Db::open_with_pool(&url, pool).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"));
    web::block(open).await.map_err(|error| error.to_string())?
}

/// Loads the catalogue into the search index; an empty one is filled from the embedded file first.
pub(super) async fn load_catalog(db: &Db) -> Result<Arc<TickerIndex>, String> {
    if patiently(|| db.read(security::count)).await? == 0 {
        let tickers = Arc::new(catalog::embedded()?);
        patiently(|| {
            let tickers = tickers.clone();
            db.write(move |connection| security::import_first(connection, &tickers))
        })
        .await?;
    }
    let tickers = patiently(|| db.read(security::list)).await?;
    Ok(Arc::new(TickerIndex::new(tickers.into_iter().map(Arc::new).collect())))
}

/// Does it again while the database is busy or out of reach: another server's first start may be filling it, for longer than a
/// lock is waited for.
async fn patiently<T, W: Future<Output = Result<T, Error>>>(work: impl Fn() -> W) -> Result<T, String> {
    let began = clock::monotonic();
    loop {
        match work().await {
            Err(Error::Busy | Error::Unreachable) if began.elapsed() < FIRST_START_TIMEOUT => {
                tokio::time::sleep(RETRY_INTERVAL).await;
            }
            done => return done.map_err(|error| error.to_string()),
        }
    }
}
