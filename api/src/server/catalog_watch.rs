//! Loads the catalogue at the start, and again whenever an import has been completed, here or on another node.

use crate::catalog;
use crate::clock;
use crate::db::security;
use crate::db::text_pool::TextPool;
use crate::db::{Db, Error, FIRST_START_TIMEOUT, RETRY_INTERVAL};
use crate::search::{LiveIndex, TickerIndex};
use actix_web::web;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use watchtape_shared::Symbol;

/// How often a node looks for a newer catalogue.
const INTERVAL: Duration = Duration::from_secs(2);
/// How many securities are read at a time: a database connection is not held for longer.
const PORTION: i64 = 5_000;

/// The catalogue as it was read, and the number of its import.
pub(super) struct LoadedCatalog {
    pub(super) index: TickerIndex,
    pub(super) import: i64,
}

/// Loads the catalogue into the search index; an empty one is filled from the embedded file first.
pub(super) async fn load(db: &Db) -> Result<LoadedCatalog, String> {
    if patiently(|| db.read(security::count)).await? == 0 {
        let tickers = Arc::new(catalog::embedded()?);
        patiently(|| {
            let tickers = tickers.clone();
            db.write(move |connection| security::import_first(connection, &tickers))
        })
        .await?;
    }
    read(db).await
}

/// Reads it in portions; again from the beginning if an import is completed meanwhile.
async fn read(db: &Db) -> Result<LoadedCatalog, String> {
    loop {
        let import = patiently(|| db.read(security::complete_import)).await?;
        let pool = Arc::new(Mutex::new(TextPool::default()));
        let (mut tickers, mut after): (Vec<_>, Option<Symbol>) = (Vec::new(), None);
        loop {
            let portion = patiently(|| {
                let pool = Arc::clone(&pool);
                db.read(move |connection| {
                    let pool = &mut pool.lock().unwrap_or_else(PoisonError::into_inner);
                    security::list_after(connection, after, PORTION, pool)
                })
            });
            let portion = portion.await?;
            let is_last = (portion.len() as i64) < PORTION;
            after = portion.last().map(|ticker| ticker.symbol);
            tickers.extend(portion.into_iter().map(Arc::new));
            if is_last {
                break;
            }
        }
        if patiently(|| db.read(security::complete_import)).await? == import {
            let index = web::block(move || TickerIndex::new(tickers)).await.map_err(|error| error.to_string())?;
            return Ok(LoadedCatalog { index, import });
        }
    }
}

/// Replaces the index whenever a newer import is complete. Never returns.
pub(super) async fn watch(db: Db, index: Arc<LiveIndex>, mut loaded: i64) {
    loop {
        tokio::time::sleep(INTERVAL).await;
        // A database that is out of reach is told by others.
        if !db.read(security::complete_import).await.is_ok_and(|complete| complete != loaded) {
            continue;
        }
        match read(&db).await {
            Ok(newer) if newer.import != loaded => {
                loaded = newer.import;
                let securities = newer.index.len();
                index.replace(newer.index);
                tracing::info!(securities, import = loaded, "read the imported catalogue");
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(error, "could not read the catalogue"),
        }
    }
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
