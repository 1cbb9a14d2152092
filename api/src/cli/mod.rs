//! The command line, one file for each command. An error of a command is one line for the operator.

mod calendar;
mod catalog;
mod doctor;
mod migrate;
mod openapi;
mod serve;
mod user;
mod version;

use crate::config::{Settings, environment};
use crate::db::Db;
use crate::http::static_files::StaticFiles;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

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
    /// Print the version
    Version,
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
        let mut command = environment::without_empty_variables(Self::command());
        let matches = command.try_get_matches_from_mut(std::env::args_os())?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }

    /// Runs the command. An error is one line for the operator.
    pub async fn run(self, embedded: impl FnOnce() -> StaticFiles) -> Result<(), String> {
        let settings = self.settings;
        // The server logs them, and doctor reports them.
        if !matches!(self.command, None | Some(Command::Serve | Command::Doctor)) {
            for name in unknown_variables() {
                eprintln!("watchtape: there is no such setting: {name}");
            }
        }
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&settings, embedded()).await,
            Command::Migrate => migrate::run(&settings),
            Command::Openapi => openapi::run(),
            Command::Version => version::run(),
            Command::Doctor => doctor::run(&settings, embedded()).await,
            Command::User { command } => user::run(&settings, command).await,
            Command::Calendar { command } => calendar::run(&settings, command),
            Command::Catalog { command } => catalog::run(&settings, command).await,
        }
    }
}

/// The variables that look like a setting's and are none.
fn unknown_variables() -> impl Iterator<Item = String> {
    environment::unknown_names(&Cli::command(), std::env::vars_os().map(|(name, _)| name)).into_iter()
}

/// Opens the database of the settings, and migrates it to this version's schema.
fn open_database(settings: &Settings) -> Result<Db, String> {
    settings.make_data_dir()?;
    Db::open(&settings.database()).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))
}
