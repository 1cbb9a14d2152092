//! `watchtape maintenance`: deletes what has expired, in portions that let writers through, and does the database's own upkeep.
//! A server deletes what has expired by itself, every hour.

use super::open_database;
use crate::clock;
use crate::config::Settings;
use crate::db::sweep::{self, Swept};
use crate::db::{DatabaseUrl, Db, bar, upkeep};
use crate::server::{claim_sqlite_file, may_delete};
use actix_web::web;

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Vacuum an SQLite database also while a server runs, whose writers wait for it
    #[arg(long)]
    vacuum: bool,
}

pub(super) async fn run(settings: &Settings, arguments: &Arguments) -> Result<(), String> {
    let db = open_database(settings)?;
    println!("prune:   {}", prune(settings, &db).await?);
    let (url, is_told) = (db.url().clone(), arguments.vacuum);
    println!("analyze: {}", done(web::block(move || upkeep::analyze(&url)).await)?);
    let vacuumed = match claim(db.url())? {
        Claim::Refused if !is_told => {
            "not done, as a server runs, whose writers would wait: stop it, or give --vacuum".to_owned()
        }
        _claim => {
            let url = db.url().clone();
            done(web::block(move || upkeep::vacuum(&url)).await)?
        }
    };
    println!("vacuum:  {vacuumed}");
    Ok(())
}

/// A server's claim to an SQLite database, taken by the command.
enum Claim {
    Taken {
        _file: std::fs::File,
    },
    Refused,
    /// On PostgreSQL nobody waits.
    NotNeeded,
}

fn claim(url: &DatabaseUrl) -> Result<Claim, String> {
    let DatabaseUrl::Sqlite(path) = url else { return Ok(Claim::NotNeeded) };
    Ok(claim_sqlite_file(path)?.map_or(Claim::Refused, |file| Claim::Taken { _file: file }))
}

fn done(outcome: Result<crate::db::Result<()>, actix_web::error::BlockingError>) -> Result<String, String> {
    outcome.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    Ok("done".to_owned())
}

async fn prune(settings: &Settings, db: &Db) -> Result<String, String> {
    let now = clock::now();
    if !db.read(move |connection| may_delete(connection, now)).await.map_err(|error| error.to_string())? {
        return Ok(
            "not done, as the clock has not run evenly for a day: what has expired is not known for sure".to_owned()
        );
    }
    let swept = sweep::run_in_portions(db, settings.audit_retention(), || true).await;
    let swept = swept.map_err(|error| error.to_string())?;
    let mut bars = 0;
    if let Some(retention) = settings.bars_retention() {
        loop {
            let deleted = db.write(move |connection| bar::sweep(connection, now - retention)).await;
            match deleted.map_err(|error| error.to_string())? {
                0 => break,
                deleted => bars += deleted,
            }
        }
    }
    Ok(format!("{} rows deleted, and {bars} minute bars", Swept::total(swept)))
}
