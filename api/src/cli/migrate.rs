//! `watchtape migrate`: migrates the database to this version's schema.

use super::open_database;
use crate::config::Settings;

pub(super) fn run(settings: &Settings) -> Result<(), String> {
    open_database(settings).map(|db| println!("{:?} is up to date", db.url()))
}
