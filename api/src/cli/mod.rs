//! The command line, one file for each command. An error of a command is one line for the operator.

mod backup;
mod calendar;
mod catalog;
mod check;
mod completions;
mod doctor;
mod healthcheck;
mod help_groups;
mod maintenance;
mod man;
mod migrate;
mod openapi;
mod placement;
mod restore;
mod secret;
mod serve;
mod stats;
mod user;
mod version;

use crate::config::{Settings, environment, secret_files};
use crate::db::{DatabaseUrl, Db};
use crate::http::static_files::StaticFiles;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::path::PathBuf;

/// A self-hosted, real-time stock watchlist platform.
#[derive(Parser, Debug)]
#[command(name = "watchtape", version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Serve the API, the stream and the app (the default)
    Serve,
    /// Migrate the database to this version's schema, and exit
    Migrate,
    /// Print the API's OpenAPI document as YAML
    Openapi,
    /// Check that everything named by the settings exists and answers
    Doctor,
    /// Copy the SQLite database into a file, as it is at one moment; a server may run meanwhile
    Backup(backup::Arguments),
    /// Put a backup in the place of the SQLite database, while no server runs
    Restore(restore::Arguments),
    /// Check the database: its pages and indices, its foreign keys, its schema. Exit status 1 where something is wrong
    Check,
    /// Ask this machine's server whether it lives: exit status 0 or 1
    Healthcheck,
    /// Print how much there is of everything, and the size of the database
    Stats(stats::Arguments),
    /// Delete what has expired, and do the database's own upkeep
    Maintenance(maintenance::Arguments),
    /// Change the secret that tokens are signed with
    Secret {
        #[command(subcommand)]
        command: secret::SecretCommand,
    },
    /// Print the version, and the commit that the binary was built from
    Version,
    /// Print the manual page
    Man(man::Arguments),
    /// Print a script that completes commands and flags in a shell
    Completions(completions::Arguments),
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Add days to the calendars of the exchanges
    Calendar {
        #[command(subcommand)]
        command: calendar::CalendarCommand,
    },
    /// Manage the catalogue of securities
    Catalog {
        #[command(subcommand)]
        command: catalog::CatalogCommand,
    },
}

impl Cli {
    /// Parses the command line and the environment.
    pub fn parse_from_environment() -> Result<Self, clap::Error> {
        let arguments: Vec<_> = std::env::args_os().collect();
        let (mut command, matches) = environment::matches(full_command(), &arguments)?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// Runs the command.
    pub async fn run(self, embedded: impl FnOnce() -> StaticFiles) -> Result<(), Failure> {
        let settings = self.settings;
        // `doctor` tells of them among the rest.
        if !matches!(self.command, Some(Command::Doctor))
            && let Some(names) = unknown_variables()
        {
            return Err(format!("there is no such setting: {names}: see watchtape --help").into());
        }
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&settings, embedded()).await?,
            Command::Migrate => migrate::run(&settings)?,
            Command::Openapi => openapi::run()?,
            Command::Backup(arguments) => backup::run(&settings, &arguments)?,
            Command::Restore(arguments) => restore::run(&settings, &arguments)?,
            Command::Check => check::run(&settings)?,
            Command::Healthcheck => healthcheck::run(&settings)?,
            Command::Stats(arguments) => stats::run(&settings, &arguments).await?,
            Command::Maintenance(arguments) => maintenance::run(&settings, &arguments).await?,
            Command::Secret { command } => secret::run(&settings, &command)?,
            Command::Version => version::run(),
            Command::Man(arguments) => man::run(full_command(), &arguments)?,
            Command::Completions(arguments) => completions::run(full_command(), &arguments),
            Command::Doctor => doctor::run(&settings, embedded()).await?,
            Command::User { command } => user::run(&settings, command).await?,
            Command::Calendar { command } => calendar::run(&settings, command)?,
            Command::Catalog { command } => catalog::run(&settings, command).await?,
        }
        Ok(())
    }
}

/// Why a command has failed: one line for the operator, and the exit status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line.
    pub message: String,
    /// The exit status: 1 where what was looked at is not well, 2 where the command could not be done.
    pub code: u8,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { message, code: 2 }
    }
}

/// The command with all its settings, in groups.
fn full_command() -> clap::Command {
    help_groups::with_groups(secret_files::with_arguments(Cli::command()))
}

/// The variables that look like a setting's and are none; `None` where there are none.
fn unknown_variables() -> Option<String> {
    let names = environment::unknown_names(&full_command(), std::env::vars_os().map(|(name, _)| name));
    names.into_iter().reduce(|names, name| format!("{names}, {name}"))
}

/// Opens the database of the settings, and migrates it to this version's schema.
fn open_database(settings: &Settings) -> Result<Db, String> {
    settings.make_data_dir()?;
    Db::open_with_pool(&settings.database(), settings.database_pool)
        .map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))
}

/// The file of an SQLite database. An error where the database is on PostgreSQL.
fn sqlite_path(settings: &Settings) -> Result<PathBuf, String> {
    match settings.database() {
        DatabaseUrl::Sqlite(path) => Ok(path),
        DatabaseUrl::Postgres(_) => {
            Err("the database is on PostgreSQL, which has tools of its own for this: pg_dump, \
                                         pg_restore and continuous archiving (docs/backup.md)"
                .to_owned())
        }
    }
}
