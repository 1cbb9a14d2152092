//! `watchtape check`: whether the database is whole, and at which schema. It changes nothing, and a server may run.

use super::Failure;
use crate::config::Settings;
use crate::db::migrations;
use crate::db::sqlite_file::{self, Access};
use crate::db::{DatabaseUrl, SchemaState};

pub(super) fn run(settings: &Settings) -> Result<(), Failure> {
    let schema = match settings.database() {
        DatabaseUrl::Sqlite(path) => {
            let found = sqlite_file::check(&path, Access::Shared).map_err(|error| error.to_string())?;
            for damage in &found.damage {
                println!("wrong file: {damage}");
            }
            if !found.damage.is_empty() {
                return Err(unwell("the database is damaged: docs/backup.md says what to do"));
            }
            println!("ok    file: {}, its pages, indices and foreign keys", path.display());
            found.schema
        }
        url @ DatabaseUrl::Postgres(_) => {
            let mut connection = url.connect().map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))?;
            println!("ok    {url:?}: it answers; its pages are checked by PostgreSQL's own tools (docs/backup.md)");
            Some(migrations::state(&mut connection).map_err(|error| error.to_string())?)
        }
    };
    match schema {
        Some(schema @ (SchemaState::Current { .. } | SchemaState::Older { .. })) => {
            println!("ok    schema: {schema}");
            Ok(())
        }
        Some(schema) => {
            println!("wrong schema: {schema}");
            Err(unwell(&schema.to_string()))
        }
        None => Err(unwell("the schema cannot be read")),
    }
}

fn unwell(message: &str) -> Failure {
    Failure { message: message.to_owned(), code: 1 }
}
