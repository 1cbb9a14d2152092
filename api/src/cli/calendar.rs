//! `watchtape calendar …`: the days of exchanges that an operator adds.

use crate::config::Settings;
use crate::market::calendar::Calendar;
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(super) enum CalendarCommand {
    /// Check a file of holidays and short days, and put it into the data directory; a running server reads it within a minute
    Import {
        /// The file, with the columns of api/data/exchange_days.csv
        file: PathBuf,
    },
}

pub(super) fn run(settings: &Settings, command: CalendarCommand) -> Result<(), String> {
    match command {
        CalendarCommand::Import { file } => import(settings, &file),
    }
}

fn import(settings: &Settings, path: &Path) -> Result<(), String> {
    let calendar = Calendar::embedded()?;
    let text = calendar.read_additions(path)?;
    let (target, folder) = (settings.calendar_file(), &settings.data_dir);
    let wrong = |error: std::io::Error| format!("{}: {error}", target.display());
    std::fs::create_dir_all(folder).map_err(wrong)?;
    // Renamed, so that a running server never reads half of it.
    let part = folder.join(".exchange_days.csv.part");
    std::fs::write(&part, text).map_err(wrong)?;
    std::fs::rename(&part, &target).map_err(wrong)?;
    println!("the calendars end on {}; a running server reads them within a minute", calendar.end());
    Ok(())
}
