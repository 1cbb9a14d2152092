//! `watchtape stats`: how much there is of everything.

use super::open_database;
use crate::config::Settings;
use crate::db::statistics;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Print a JSON object instead of a table
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let db = open_database(settings)?;
    let url = db.url().clone();
    let counted = db.snapshot(move |connection| statistics::count(connection, &url)).await;
    let counted = counted.map_err(|error| error.to_string())?;
    if arguments.json {
        println!("{}", serde_json::to_string(&counted).map_err(|error| error.to_string())?);
    } else {
        for (name, number) in counted.rows() {
            println!("{name:<20}{number:>16}");
        }
    }
    Ok(())
}
