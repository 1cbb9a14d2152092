//! Migrates a database to this binary's schema. The steps are in `migrations/`.

use super::{DbConnection, Error, Result};
use diesel::migration::{Migration, MigrationSource, MigrationVersion};
use diesel::{QueryDsl, RunQueryDsl};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use std::error::Error as StdError;
use std::fmt;

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// Key of the advisory lock: any number that no other program of the same database uses.
const POSTGRES_LOCK: i64 = 0x7761_7463_6874;

/// The steps that were run, as diesel keeps them.
mod applied {
    diesel::table! {
        __diesel_schema_migrations (version) {
            version -> Text,
        }
    }
}

/// A database's schema beside this binary's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// It has none of Watchtape's steps.
    None,
    /// It is at this binary's schema.
    Current {
        /// The newest step.
        step: String,
    },
    /// This binary has further steps.
    Older {
        /// The newest step of the database.
        step: String,
        /// How many steps it lacks.
        missing: usize,
    },
    /// It has steps that this binary does not know.
    Newer {
        /// The first of them.
        step: String,
    },
}

impl fmt::Display for SchemaState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("it is not a database of Watchtape"),
            Self::Current { step } => write!(f, "at step {step}, this version's schema"),
            Self::Older { step, missing } => write!(f, "at step {step}, {missing} before this version's schema"),
            Self::Newer { step } => f.write_str(&newer_message(step)),
        }
    }
}

fn newer_message(step: &dyn fmt::Display) -> String {
    format!("the database is newer than this program: it has step {step}, which is not known here")
}

/// Compares a database's steps with this binary's, and changes nothing.
pub fn state(connection: &mut DbConnection) -> Result<SchemaState> {
    let steps = applied::__diesel_schema_migrations::table.select(applied::__diesel_schema_migrations::version);
    let mut applied: Vec<String> = match steps.load(connection) {
        Ok(applied) => applied,
        // Without the table nothing was ever run here.
        Err(error) if is_missing_table(&error) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    applied.sort();
    let known = known_steps()?;
    if let Some(step) = applied.iter().find(|step| !known.contains(step)) {
        // Another program's database has its own steps and none of these.
        let is_ours = applied.iter().any(|step| known.contains(step));
        return Ok(if is_ours { SchemaState::Newer { step: step.clone() } } else { SchemaState::None });
    }
    let Some(step) = applied.last().cloned() else { return Ok(SchemaState::None) };
    let missing = known.len() - applied.len();
    Ok(if missing == 0 { SchemaState::Current { step } } else { SchemaState::Older { step, missing } })
}

fn is_missing_table(error: &diesel::result::Error) -> bool {
    let text = error.to_string();
    text.contains("no such table") || text.contains("42P01")
}

/// The versions of this binary's steps, which are the same for both databases.
fn known_steps() -> Result<Vec<String>> {
    let steps: Vec<Box<dyn Migration<diesel::sqlite::Sqlite>>> =
        SQLITE.migrations().map_err(|cause| Error::Corrupt(cause.to_string()))?;
    Ok(steps.iter().map(|step| step.name().version().to_string()).collect())
}

type Cause = Box<dyn StdError + Send + Sync>;

/// Runs the pending steps, one process at a time. [`Error::Corrupt`] for a database with steps that this binary does
/// not know, which is left unchanged.
pub(super) fn run(connection: &mut DbConnection) -> Result<()> {
    match connection {
        // The lock belongs to the transaction: a process that dies releases it.
        DbConnection::Sqlite(sqlite) => sqlite.immediate_transaction(|sqlite| apply(sqlite, SQLITE)),
        DbConnection::Postgres(postgres) => diesel::Connection::transaction(postgres, |postgres| {
            // A step may rewrite a large table.
            postgres.without_deadline_in_transaction()?;
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
        return Err(Failure::Migration(newer_message(ahead).into()));
    }
    connection.run_pending_migrations(embedded)?;
    Ok(())
}
