//! `watchtape restore FILE`: puts a backup in the place of the SQLite database, migrated to this version's schema.
//!
//! Nothing is lost by it: the backup stays as it is, and the database that was replaced is kept beside the new one.

use super::placement::{Existing, Unfinished, has_no_links, sync_folder_of};
use super::sqlite_path;
use crate::clock;
use crate::config::Settings;
use crate::db::sqlite_file::{self, Access};
use crate::db::{self, SchemaState};
use crate::server::claim_sqlite_file;
use std::io;
use std::path::{Path, PathBuf};

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// The backup
    file: PathBuf,
    /// Replace a database that exists; it is kept beside the new one
    #[arg(long)]
    force: bool,
}

const IN_USE: &str = "a server or a command uses the database: stop it first";

pub(super) fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let (database, backup) = (sqlite_path(settings)?, &arguments.file);
    let (database_name, backup_name) = (database.display(), backup.display());
    if database.exists() && !arguments.force {
        return Err(format!("{database_name} exists: --force replaces it, and keeps it beside the new one"));
    }
    settings.make_data_dir()?;
    let Some(_claim) = claim_sqlite_file(&database)? else { return Err(IN_USE.to_owned()) };
    check_backup(backup)?;
    let unfinished = Unfinished::create(&database)?;
    let failed = |error: db::Error| format!("{backup_name} was not restored: {error}");
    sqlite_file::copy(backup, Access::of_backup(backup), unfinished.path()).map_err(failed)?;
    sqlite_file::prepare(unfinished.path(), sqlite_file::newest_term(&database)).map_err(failed)?;
    let found = sqlite_file::check(unfinished.path(), Access::Alone).map_err(failed)?;
    if let Some(damage) = found.damage_line() {
        return Err(format!("{backup_name} was not restored, as it was damaged on the way: {damage}"));
    }
    let kept = if database.exists() {
        // At the last moment: what is written until then is kept with the rest.
        close_replaced(&database)?;
        Some(keep_replaced(&database).map_err(|error| format!("{database_name}: {error}"))?)
    } else {
        None
    };
    unfinished.finish(Existing::Replace).map_err(|error| format!("{database_name}: {error}"))?;
    println!("{database_name} is what {backup_name} was, at this version's schema");
    if let Some(kept) = kept {
        println!("{} is the database that it has replaced", kept.display());
    }
    Ok(())
}

fn check_backup(backup: &Path) -> Result<(), String> {
    let name = backup.display();
    let found = sqlite_file::check(backup, Access::of_backup(backup)).map_err(|error| error.to_string())?;
    match (found.damage_line(), &found.schema) {
        (Some(damage), _) => Err(format!("{name} is damaged: {damage}")),
        (None, Some(schema @ (SchemaState::None | SchemaState::Newer { .. }))) => Err(format!("{name}: {schema}")),
        (None, _) => Ok(()),
    }
}

/// Has what is to be replaced in one file, where nobody else uses it. A damaged one stays as it is.
fn close_replaced(database: &Path) -> Result<(), String> {
    match sqlite_file::close(database) {
        Err(db::Error::Busy) => Err(IN_USE.to_owned()),
        // A damaged database is what backups are for.
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Gives the database a second name, with whatever a damaged one has beside it. Its own name is there throughout.
fn keep_replaced(database: &Path) -> io::Result<PathBuf> {
    let stamp = clock::now().format("%Y%m%dT%H%M%SZ");
    let kept = (1..).map(|count| {
        let mut name = database.as_os_str().to_owned();
        name.push(if count == 1 { format!(".replaced-{stamp}") } else { format!(".replaced-{stamp}-{count}") });
        PathBuf::from(name)
    });
    let kept = kept.into_iter().find(|name| !name.exists()).unwrap_or_default();
    match std::fs::hard_link(database, &kept) {
        Err(error) if has_no_links(&error) => std::fs::rename(database, &kept)?,
        linked => linked?,
    }
    let (from, to) = (sqlite_file::companions(database), sqlite_file::companions(&kept));
    for (from, to) in from.iter().zip(&to).filter(|(from, _)| from.exists()) {
        // Beside the new database it would be taken for a part of that one.
        std::fs::rename(from, to)?;
    }
    sync_folder_of(&kept)?;
    Ok(kept)
}
