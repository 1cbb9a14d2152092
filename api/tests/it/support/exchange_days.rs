//! New York's exchanges in a time zone where it is noon, so that no midnight, closing or weekend comes near a test whenever
//! it runs.

use chrono::{TimeDelta, Timelike, Utc};
use std::path::Path;

/// Writes an operator's days to a data folder: XNAS and XNYS have these local hours, such as "00:00,23:59", on each of the
/// days around now, and the time there is between 12:00 and 13:00.
pub(crate) fn write_with_noon_now(data_dir: &Path, hours: &str) {
    let now = Utc::now();
    // The sign of these zones' names is against that of their offsets.
    let zone = format!("Etc/GMT{:+}", i64::from(now.hour()) - 12);
    let days = (now - TimeDelta::days(9)).date_naive().iter_days().take(12);
    let rows = days.map(|day| format!("{day},short,{hours}"));
    let rows: Vec<_> = std::iter::once(format!(",regular,{hours}")).chain(rows).collect();
    let mics = ["XNAS", "XNYS"].into_iter();
    let lines = mics.flat_map(|mic| rows.iter().map(move |row| (mic, row)));
    let lines = lines.map(|(mic, row)| format!("{mic},{zone},{row}\n"));
    let table: String = std::iter::once("mic,timezone,date,kind,open,close\n".to_owned()).chain(lines).collect();
    std::fs::write(data_dir.join("exchange_days.csv"), table).expect("a file");
}
