//! SQLite databases as files: copied while they are in use, checked, and prepared to take another one's place.
//!
//! Nothing here creates a database: a file that is missing is an error.

use super::migrations::{self, SchemaState};
use super::{DbConnection, Error, Result, feed_term};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use diesel::{SqliteConnection, sql_query};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What of a path stands for itself in a URI.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The most findings of one check that are told.
const MAX_FINDINGS: usize = 20;

/// How far a restored database's count of terms is put beyond what is known, as the terms that were counted after the backup
/// may be unknown: clients and nodes ignore prices of a term that is older than one that they have seen.
const TERMS_BEYOND: u64 = 1_000_000;

/// How a file is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// By the same locks as the server, which may use it.
    Shared,
    /// To be read where nobody writes: no lock and no other file is made.
    Alone,
}

impl Access {
    /// How to read a file that is no server's, such as a backup: alone, unless a server has left something beside it.
    pub fn of_backup(path: &Path) -> Self {
        if companions(path).iter().any(|file| file.exists()) { Self::Shared } else { Self::Alone }
    }
}

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// What is damaged; empty where nothing is.
    pub damage: Vec<String>,
    /// The schema; `None` where it cannot be read.
    pub schema: Option<SchemaState>,
}

impl Condition {
    /// The findings as one line; `None` where nothing is damaged.
    pub fn damage_line(&self) -> Option<String> {
        (!self.damage.is_empty()).then(|| self.damage.join("; "))
    }
}

/// The files that SQLite keeps beside a database: what was written and is not in it yet.
pub fn companions(path: &Path) -> [PathBuf; 3] {
    ["-wal", "-shm", "-journal"].map(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        name.into()
    })
}

/// Copies a database into a file that is empty or missing, as it is at one moment between its start and its end: everything
/// that was committed before the start is in it. Others read and write meanwhile. What is copied is not synchronised with
/// the disk yet.
pub fn copy(from: &Path, access: Access, to: &Path) -> Result<()> {
    let mut connection = open(from, access)?;
    sql_query("VACUUM INTO ?").bind::<Text, _>(uri(to, "rwc")?).execute(&mut connection)?;
    Ok(())
}

/// Checks the pages, indices and constraints of a database, its foreign keys, and its schema.
pub fn check(path: &Path, access: Access) -> Result<Condition> {
    let mut connection = open(path, access)?;
    let mut damage = damage_of(&mut connection);
    let schema = match migrations::state(&mut DbConnection::Sqlite(connection)) {
        Ok(schema) => Some(schema),
        Err(error) => {
            damage.push(error.to_string());
            None
        }
    };
    Ok(Condition { damage, schema })
}

/// Brings a copy to this binary's schema, and its count of terms beyond `known`. It is one file afterwards.
pub fn prepare(path: &Path, known: u64) -> Result<()> {
    let mut connection = open(path, Access::Shared)?;
    connection.batch_execute("PRAGMA foreign_keys = ON")?;
    let mut connection = DbConnection::Sqlite(connection);
    migrations::run(&mut connection)?;
    let newest = feed_term::newest(&mut connection)?.max(known);
    feed_term::next(&mut connection, newest + TERMS_BEYOND)?;
    Ok(())
}

/// The newest term of a database; 0 where it cannot be read.
pub fn newest_term(path: &Path) -> u64 {
    let read = open(path, Access::Shared);
    read.and_then(|connection| feed_term::newest(&mut DbConnection::Sqlite(connection))).unwrap_or(0)
}

/// Has everything that was written in the file itself, with nothing beside it. [`Error::Busy`] while anybody else uses it.
pub fn close(path: &Path) -> Result<()> {
    Ok(open(path, Access::Shared)?.batch_execute("PRAGMA journal_mode = DELETE")?)
}

#[derive(QueryableByName)]
struct Finding {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Orphans {
    #[diesel(sql_type = Text)]
    child: String,
    #[diesel(sql_type = Text)]
    parent: String,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

impl fmt::Display for Orphans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows of {} refer to rows of {} that are not there", self.count, self.child, self.parent)
    }
}

/// A check that cannot be finished is a finding too: of a damaged file not even the schema may be readable.
fn damage_of(connection: &mut SqliteConnection) -> Vec<String> {
    let pages = sql_query(format!("PRAGMA integrity_check({MAX_FINDINGS})"));
    let mut damage: Vec<String> = match pages.load::<Finding>(connection) {
        Ok(found) => found.into_iter().map(|finding| finding.integrity_check).filter(|text| text != "ok").collect(),
        Err(error) => return vec![error.to_string()],
    };
    let keys = sql_query(
        "SELECT \"table\" AS child, \"parent\" AS parent, count(*) AS count FROM pragma_foreign_key_check GROUP BY 1, 2",
    );
    match keys.load::<Orphans>(connection) {
        Ok(found) => damage.extend(found.iter().map(Orphans::to_string)),
        Err(error) => damage.push(error.to_string()),
    }
    damage
}

fn open(path: &Path, access: Access) -> Result<SqliteConnection> {
    let mode = match access {
        Access::Shared => "rw",
        Access::Alone => "ro&immutable=1",
    };
    let failed = |error: &dyn fmt::Display| Error::Corrupt(format!("{}: {error}", path.display()));
    if !path.is_file() {
        return Err(failed(&"there is no such file"));
    }
    let mut connection = SqliteConnection::establish(&uri(path, mode)?).map_err(|error| failed(&error))?;
    connection.batch_execute("PRAGMA busy_timeout = 5000").map_err(|error| failed(&error))?;
    Ok(connection)
}

/// The path as a URI, which says how it is opened, and in which no character means anything else.
fn uri(path: &Path, mode: &str) -> Result<String> {
    let absolute = std::path::absolute(path).map_err(|error| Error::Corrupt(format!("{}: {error}", path.display())))?;
    Ok(format!("file:{}?mode={mode}", percent_encode(absolute.as_os_str().as_bytes(), ENCODED)))
}
