//! The catalogue of securities as files: the embedded one, an operator's, and those of others.
//!
//! `own_format` is what is exported; `finance_database` and `sec` are read as well. `check` finds what is wrong in a file.
//! Deliberately absent: the database, and the search.

mod check;
mod classify;
mod finance_database;
mod own_format;
mod sec;

pub use check::{Finding, check};
pub use own_format::export;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use watchtape_shared::ticker::Ticker;

const EMBEDDED: &str = include_str!("../../data/securities.csv");

/// The embedded catalogue.
pub fn embedded() -> Result<Vec<Ticker>, String> {
    parse("securities.csv", EMBEDDED.as_bytes())
}

/// Parses a catalogue of any known format. An error names the file, the line and the cause, and rejects the whole file.
pub fn parse(name: &str, source: impl Read) -> Result<Vec<Ticker>, String> {
    let mut tickers = Vec::new();
    read(name, source, 0, |ticker| {
        tickers.push(ticker);
        Ok(())
    })?;
    Ok(tickers)
}

/// Reads a catalogue of any known format, a security at a time, and returns how many it has. `last_rank` is the one after which those
/// come of a format without ranks. An error names the file, the line and the cause.
pub fn read(
    name: &str,
    source: impl Read,
    last_rank: u32,
    mut found: impl FnMut(Ticker) -> Result<(), String>,
) -> Result<usize, String> {
    let mut source = BufReader::new(source);
    let begin = source.fill_buf().map_err(|error| format!("{name}: {error}"))?;
    let is_json = begin.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
    let mut seen = HashSet::new();
    let take = |line: u64, ticker: Ticker| {
        if !seen.insert(ticker.symbol) {
            return Err(format!("{name}:{line}: a second line for {}", ticker.symbol));
        }
        found(ticker)
    };
    if is_json {
        sec::read(name, source, last_rank, take)?;
    } else {
        let mut reader = csv::Reader::from_reader(source);
        let header = reader.headers().map_err(|error| format!("{name}:1: {error}"))?.clone();
        match finance_database::Columns::of(&header) {
            Some(columns) => finance_database::read(name, reader, &columns, last_rank, take)?,
            None => own_format::read(name, reader, &header, take)?,
        }
    }
    Ok(seen.len())
}

/// A record of a CSV file with its line.
fn with_line(name: &str, record: csv::Result<csv::StringRecord>) -> Result<(u64, csv::StringRecord), String> {
    let record = record.map_err(|error| {
        let line = error.position().map_or(0, csv::Position::line);
        format!("{name}:{line}: {error}")
    })?;
    Ok((record.position().map_or(0, csv::Position::line), record))
}
