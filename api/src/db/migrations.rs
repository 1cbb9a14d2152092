//! Migrates a database to this binary's schema. The steps are in `migrations/`.

use super::{DbConnection, Error, Result};
use diesel::RunQueryDsl;
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error as StdError;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Key of the advisory lock: any number that no other program of the same database uses.
const POSTGRES_LOCK: i64 = 0x7761_7463_6874;

type Cause = Box<dyn StdError + Send + Sync>;

/// Runs the pending steps, one process at a time. [`Error::Corrupt`] for a database with steps that this binary does
/// not know, which is left unchanged.
pub(super) fn run(connection: &mut DbConnection) -> Result<()> {
    match connection {
        // The lock belongs to the transaction: a process that dies releases it.
        DbConnection::Sqlite(sqlite) => sqlite.immediate_transaction(|sqlite| apply(sqlite, SQLITE)),
        DbConnection::Postgres(postgres) => diesel::Connection::transaction(postgres, |postgres| {
            // A step may rewrite a large table.
            postgres.without_deadline()?;
            diesel::sql_query("SELECT pg_advisory_xact_lock($1)")
                .bind::<diesel::sql_types::BigInt, _>(POSTGRES_LOCK)
                .execute(postgres)?;
            apply(postgres, POSTGRES)
        }),
    }
    .map_err(|error: Failure| match error {
        Failure::Query(error) => Error::from(error),
        Failure::Migration(cause) => Error::Corrupt(cause.to_string()),
    })
}

enum Failure {
    Query(diesel::result::Error),
    Migration(Cause),
}

impl From<diesel::result::Error> for Failure {
    fn from(error: diesel::result::Error) -> Self {
        Self::Query(error)
    }
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self::Migration(cause)
    }
}

fn apply<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    embedded: EmbeddedMigrations,
) -> std::result::Result<(), Failure> {
    let known: Vec<Box<dyn Migration<DB>>> = embedded.migrations()?;
    let known: Vec<MigrationVersion<'_>> = known.iter().map(|step| step.name().version()).collect();
    if let Some(ahead) = connection.applied_migrations()?.iter().find(|applied| !known.contains(applied)) {
        let message = format!("the database is newer than this program: it has step {ahead}, which is not known here");
        return Err(Failure::Migration(message.into()));
    }
    connection.run_pending_migrations(embedded)?;
    Ok(())
}
