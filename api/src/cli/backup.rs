//! `watchtape backup FILE`: copies the SQLite database as it is at one moment, also while a server writes to it.
//!
//! The copy gets its name once it is checked and on the disk. The secret is not in it.

use super::placement::{Existing, Unfinished};
use super::sqlite_path;
use crate::config::Settings;
use crate::db::sqlite_file::{self, Access};
use crate::db::{self, SchemaState};
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The backup, which only its owner may read
    file: PathBuf,
    /// Replace a file that exists
    #[arg(long)]
    force: bool,
}

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let (database, target) = (sqlite_path(settings)?, &arguments.file);
    let name = target.display();
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    let taken = || format!("{name} exists: --force replaces it");
    if target.exists() && existing == Existing::Keep {
        return Err(taken());
    }
    if is_same_file(&database, target) {
        return Err(format!("{name} is the database"));
    }
    let unfinished = Unfinished::create(target)?;
    let copied = sqlite_file::copy(&database, Access::Shared, unfinished.path());
    copied.map_err(|error| match error {
        // It is not the database that takes no writes.
        db::Error::StorageFull(cause) | db::Error::NotWritable(cause) => {
            format!("{name} was not made, as it cannot be written: {cause}")
        }
        error => format!("{name} was not made: {error}"),
    })?;
    let found = sqlite_file::check(unfinished.path(), Access::Alone).map_err(|error| error.to_string())?;
    if let Some(damage) = found.damage_line() {
        return Err(format!("{name} was not made, as the database is damaged: {damage}"));
    }
    if found.schema == Some(SchemaState::None) {
        return Err(format!("{name} was not made: {} is not a database of Watchtape", database.display()));
    }
    let size = std::fs::metadata(unfinished.path()).map_err(|error| format!("{name}: {error}"))?.len();
    unfinished.finish(existing).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(),
        _ => format!("{name} was not made: {error}"),
    })?;
    println!("{name}: {size} bytes, checked; keep the secret file beside it, which is not in it");
    Ok(())
}

fn is_same_file(one: &std::path::Path, other: &std::path::Path) -> bool {
    let (one, other) = (std::fs::canonicalize(one), std::fs::canonicalize(other));
    one.is_ok_and(|one| other.is_ok_and(|other| one == other))
}
