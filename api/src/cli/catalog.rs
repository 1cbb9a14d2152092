//! `watchtape catalog …`: manages the catalogue of securities.

use super::open_database;
use crate::catalog;
use crate::config::Settings;
use crate::db::Db;
use crate::db::security::{self, PORTION};
use crate::db::text_pool::TextPool;
use clap::Subcommand;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;
use watchtape_shared::Symbol;
use watchtape_shared::ticker::Ticker;

/// How many portions are read ahead of the database.
const PORTIONS_AHEAD: usize = 4;
/// How long others have the database between two portions of an import.
const PAUSE: Duration = Duration::from_millis(2);
/// How many securities are exported at a time.
const EXPORT_PORTION: i64 = 5_000;
/// How many findings of a check are printed.
const MAX_FINDINGS: usize = 100;

#[derive(Subcommand, Debug)]
pub(super) enum CatalogCommand {
    /// Add the securities of a file, and update existing ones; running servers take them over
    Import {
        /// A file with the columns of `catalog export`, one of FinanceDatabase, or the SEC's company_tickers_exchange.json
        file: PathBuf,
        /// Mark as delisted what the file does not have: it stays on lists, and is no longer found
        #[arg(long, conflicts_with = "retire")]
        replace: bool,
        /// Mark as delisted what the file has, and change nothing else
        #[arg(long)]
        retire: bool,
    },
    /// Write the catalogue as CSV
    Export {
        /// The file; standard output without one
        file: Option<PathBuf>,
    },
    /// Say what is wrong in a catalogue: impossible ISINs, unknown codes, contradictions
    Check {
        /// The file; the server's catalogue without one
        file: Option<PathBuf>,
    },
}

pub(super) async fn run(settings: &Settings, command: CatalogCommand) -> Result<(), String> {
    match command {
        CatalogCommand::Import { file, replace, retire } => {
            let db = open_database(settings)?;
            if retire { retire_listed(&db, &file).await } else { import(&db, &file, replace).await }
        }
        CatalogCommand::Export { file } => export(settings, file.as_deref()).await,
        CatalogCommand::Check { file } => check(settings, file.as_deref()).await,
    }
}

/// Reads the file twice: first to find what is wrong with it before anything is changed, then to write it, in portions.
async fn import(db: &Db, path: &Path, replace: bool) -> Result<(), String> {
    let last_rank = db.read(security::last_rank).await.map_err(|error| error.to_string())?;
    let count = catalog::read(&path.display().to_string(), open(path)?, last_rank, |_| Ok(()))?;
    if count == 0 {
        return Err(format!("{}: it has no securities", path.display()));
    }
    let number = db.write(security::begin_import).await.map_err(|error| error.to_string())?;
    let (sender, portions) = sync_channel(PORTIONS_AHEAD);
    let reader = {
        let path = path.to_owned();
        std::thread::spawn(move || send_portions(&path, last_rank, &sender))
    };
    let written = write_portions(db, portions, number).await;
    reader.join().map_err(|_| "the reader of the file panicked".to_owned())??;
    written?;
    let delisted = if replace { delist_others(db, number).await? } else { 0 };
    db.write(move |connection| security::complete(connection, number)).await.map_err(|error| error.to_string())?;
    println!("{count} securities imported, {delisted} delisted");
    Ok(())
}

/// Opens a file anew for each pass.
fn open(path: &Path) -> Result<File, String> {
    File::open(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn send_portions(path: &Path, last_rank: u32, portions: &SyncSender<Vec<Ticker>>) -> Result<(), String> {
    let mut portion = Vec::with_capacity(PORTION);
    let gone = || "the database did not take it".to_owned();
    catalog::read(&path.display().to_string(), open(path)?, last_rank, |ticker| {
        portion.push(ticker);
        if portion.len() < PORTION { Ok(()) } else { portions.send(std::mem::take(&mut portion)).map_err(|_| gone()) }
    })?;
    portions.send(portion).map_err(|_| gone())
}

async fn write_portions(db: &Db, portions: Receiver<Vec<Ticker>>, import: i64) -> Result<(), String> {
    for portion in portions {
        if portion.is_empty() {
            continue;
        }
        let written = db.write(move |connection| security::write(connection, &portion, import)).await;
        written.map_err(|error| error.to_string())?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

async fn delist_others(db: &Db, import: i64) -> Result<usize, String> {
    let (mut after, mut count) = (String::new(), 0);
    loop {
        let from = after.clone();
        let delisted = db.write(move |connection| security::delist_unwritten(connection, import, &from)).await;
        let (last, delisted) = delisted.map_err(|error| error.to_string())?;
        count += delisted;
        let Some(last) = last else { return Ok(count) };
        after = last;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn retire_listed(db: &Db, path: &Path) -> Result<(), String> {
    let mut symbols: Vec<String> = Vec::new();
    catalog::read(&path.display().to_string(), open(path)?, 0, |ticker| {
        symbols.push(ticker.symbol.to_string());
        Ok(())
    })?;
    let number = db.write(security::begin_import).await.map_err(|error| error.to_string())?;
    let (total, mut delisted) = (symbols.len(), 0);
    for portion in symbols.chunks(PORTION) {
        let portion = portion.to_vec();
        let done = db.write(move |connection| security::set_delisted(connection, &portion)).await;
        delisted += done.map_err(|error| error.to_string())?;
    }
    db.write(move |connection| security::complete(connection, number)).await.map_err(|error| error.to_string())?;
    println!("{delisted} securities delisted of the {total} in the file");
    Ok(())
}

async fn export(settings: &Settings, path: Option<&Path>) -> Result<(), String> {
    let tickers = read_all(&open_database(settings)?).await?;
    let target: Box<dyn Write> = match path {
        Some(path) => Box::new(File::create(path).map_err(|error| format!("{}: {error}", path.display()))?),
        None => Box::new(io::stdout().lock()),
    };
    catalog::export(tickers, BufWriter::new(target)).map_err(|error| error.to_string())
}

async fn check(settings: &Settings, path: Option<&Path>) -> Result<(), String> {
    let tickers = match path {
        Some(path) => catalog::parse(&path.display().to_string(), open(path)?)?,
        None => read_all(&open_database(settings)?).await?,
    };
    let findings = catalog::check(&tickers);
    findings.iter().take(MAX_FINDINGS).for_each(|finding| println!("{finding}"));
    if findings.len() > MAX_FINDINGS {
        println!("… and {} more", findings.len() - MAX_FINDINGS);
    }
    println!("{} securities, {} findings", tickers.len(), findings.len());
    if findings.is_empty() { Ok(()) } else { Err("the catalogue has faults".to_owned()) }
}

async fn read_all(db: &Db) -> Result<Vec<Ticker>, String> {
    let (mut tickers, mut after): (Vec<Ticker>, Option<Symbol>) = (Vec::new(), None);
    loop {
        let read =
            move |connection: &mut _| security::list_after(connection, after, EXPORT_PORTION, &mut TextPool::default());
        let portion = db.read(read).await.map_err(|error| error.to_string())?;
        let is_last = (portion.len() as i64) < EXPORT_PORTION;
        after = portion.last().map(|ticker| ticker.symbol);
        tickers.extend(portion);
        if is_last {
            tickers.sort_by_key(|ticker| (ticker.rank, ticker.symbol));
            return Ok(tickers);
        }
    }
}
