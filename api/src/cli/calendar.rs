//! `watchtape calendar …`: the days of exchanges that an operator adds.

use crate::config::Settings;
use crate::market::calendar::{COLUMNS, Calendar};
use clap::Subcommand;
use std::io;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(super) enum CalendarCommand {
    /// Check a file of holidays and short days, and add them to those in the data directory; a running server reads it within a minute
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
    let name = path.display().to_string();
    let imported = std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))?;
    let (target, folder) = (settings.calendar_file(), &settings.data_dir);
    let wrong = |error: io::Error| format!("{}: {error}", target.display());
    let held_text = match std::fs::read_to_string(&target) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        held => held.map_err(wrong)?,
    };
    // Added to those of before; of two lines for a day the later one counts.
    let (held, new) = (days_of(&held_text), days_of(&imported));
    if new.is_empty() {
        return Err(format!("{name}: there are no days in it"));
    }
    let lines = std::iter::once(COLUMNS).chain(held.into_iter().filter(|line| !new.contains(line)));
    let text: String = lines.chain(new.iter().copied()).flat_map(|line| [line, "\n"]).collect();
    let calendar = Calendar::embedded()?;
    calendar.add(&held_text, &target.display().to_string())?;
    calendar.add(&imported, &name)?;
    std::fs::create_dir_all(folder).map_err(wrong)?;
    // Renamed, so that a running server never reads half of it.
    let part = folder.join(".exchange_days.csv.part");
    std::fs::write(&part, text).map_err(wrong)?;
    std::fs::rename(&part, &target).map_err(wrong)?;
    let (count, end) = (new.len(), calendar.end());
    println!("added {count} lines: the calendars end on {end}; a running server reads them within a minute");
    Ok(())
}

/// The lines of a table after the first.
fn days_of(table: &str) -> Vec<&str> {
    table.lines().skip(1).map(str::trim).filter(|line| !line.is_empty()).collect()
}
