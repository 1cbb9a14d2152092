//! `watchtape catalog …`: manages the catalogue of securities.

use super::open_database;
use crate::catalog;
use crate::config::Settings;
use crate::db::security;
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(super) enum CatalogCommand {
    /// Add the securities of a CSV file, and update existing ones
    Import {
        /// The file, with the columns of api/data/securities.csv
        file: PathBuf,
    },
}

pub(super) async fn run(settings: &Settings, command: CatalogCommand) -> Result<(), String> {
    match command {
        CatalogCommand::Import { file } => import(settings, &file).await,
    }
}

async fn import(settings: &Settings, path: &Path) -> Result<(), String> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path).map_err(|error| format!("{name}: {error}"))?;
    let tickers = catalog::parse(&name, file)?;
    let (db, count) = (open_database(settings)?, tickers.len());
    db.write(move |connection| security::import(connection, &tickers)).await.map_err(|error| error.to_string())?;
    println!("{count} securities imported; a running server reads them at its next start");
    Ok(())
}
