//! Opens the database at the start of a server.

use crate::config::Settings;
use crate::db::Db;
use actix_web::web;

/// Opens the database, off the worker threads, and migrates it to this version's schema.
pub(super) async fn open_database(settings: &Settings) -> Result<Db, String> {
    let (url, pool) = (settings.database(), settings.database_pool);
    let open = move || Db::open_with_pool(&url, pool).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"));
    web::block(open).await.map_err(|error| error.to_string())?
}
