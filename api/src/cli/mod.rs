//! The command line, one file for each command. An error of a command is one line for the operator.

mod catalog;
mod doctor;
mod migrate;
mod openapi;
mod serve;
mod user;

use crate::config::Settings;
use crate::db::Db;
use clap::{Parser, Subcommand};

/// A self-hosted, real-time stock watchlist platform.
#[derive(Parser, Debug)]
#[command(name = "watchtape", version, about, disable_help_subcommand = true)]
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
    /// Manage accounts
    User {
        #[command(subcommand)]
        command: user::UserCommand,
    },
    /// Manage the catalogue of securities
    Catalog {
        #[command(subcommand)]
        command: catalog::CatalogCommand,
    },
}

impl Cli {
    /// Runs the command. An error is one line for the operator.
    pub async fn run(self) -> Result<(), String> {
        let settings = self.settings;
        match self.command.unwrap_or(Command::Serve) {
            Command::Serve => serve::run(&settings).await,
            Command::Migrate => migrate::run(&settings),
            Command::Openapi => openapi::run(),
            Command::Doctor => doctor::run(&settings).await,
            Command::User { command } => user::run(&settings, command).await,
            Command::Catalog { command } => catalog::run(&settings, command).await,
        }
    }
}

/// Opens the database of the settings, and migrates it to this version's schema.
fn open_database(settings: &Settings) -> Result<Db, String> {
    settings.make_data_dir()?;
    Db::open(&settings.database()).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))
}
