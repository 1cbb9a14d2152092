//! Statistics for the planner of queries, and space that deleted rows have left.

use super::{DatabaseUrl, DbConnection, Result};
use diesel::connection::SimpleConnection;

/// Counts what the planner goes by. Others read and write meanwhile. Blocks.
pub fn analyze(url: &DatabaseUrl) -> Result<()> {
    match &mut url.connect()? {
        // A sample of each index, so that writers wait for a moment only.
        DbConnection::Sqlite(sqlite) => sqlite.batch_execute("PRAGMA analysis_limit = 1000; ANALYZE")?,
        DbConnection::Postgres(postgres) => {
            postgres.without_deadline()?;
            postgres.batch_execute("ANALYZE")?;
        }
    }
    Ok(())
}

/// Gives the space of deleted rows back: on SQLite to the disk, while writers wait; on PostgreSQL to new rows, while others go
/// on. Blocks.
pub fn vacuum(url: &DatabaseUrl) -> Result<()> {
    match &mut url.connect()? {
        DbConnection::Sqlite(sqlite) => sqlite.batch_execute("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)")?,
        DbConnection::Postgres(postgres) => {
            postgres.without_deadline()?;
            postgres.batch_execute("VACUUM")?;
        }
    }
    Ok(())
}
