//! Lists as files: CSV, TradingView's text and JSON, each of which gives back on import what was exported.
//!
//! Reading is in three steps, in the order of these modules: a file becomes lines, a line's texts an item of the
//! catalogue or a rejection, and the items find room on a list or not. No I/O; `import_limits` bounds
//! how many files are read at a time.

mod csv;
mod draft;
mod error;
mod exchange;
pub mod import_limits;
mod json;
mod list_capacity;
mod symbol_lookup;
mod tradingview;

#[cfg(test)]
mod properties;

pub use error::Error;
pub use json::File as JsonFile;
pub use list_capacity::ListCapacity;
pub use symbol_lookup::find;

use crate::search::TickerIndex;
use watchtape_shared::transfer::{Format, RejectedLine, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Watchlist};

/// How much of a line is said back.
const MOST_SAID: usize = 100;

/// Why something is not put on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub code: RejectionCode,
    /// The same in words.
    pub detail: String,
}

impl Rejection {
    fn new(code: RejectionCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A line of a file that means something, and what.
#[derive(Clone, Debug)]
pub struct Line {
    /// Where it stands.
    pub source: Source,
    /// The item that it is.
    pub item: Result<AddItem, Rejection>,
}

impl Line {
    fn new(number: u32, text: &str, item: Result<AddItem, Rejection>) -> Self {
        Self { source: Source { number, text: text.trim().chars().take(MOST_SAID).collect() }, item }
    }
}

/// Where in a file a line stands.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which line, from 1; of a JSON file, which item.
    pub number: u32,
    /// What it says, cut short.
    pub text: String,
}

impl Source {
    /// Names the line, with why it was not taken.
    pub fn rejected(self, Rejection { code, detail }: Rejection) -> RejectedLine {
        RejectedLine { line: self.number, text: self.text, code, detail }
    }
}

/// Reads a file. An error is about the file as a whole.
pub fn read(format: Format, file: &[u8], catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    match format {
        Format::Csv => csv::read(text_of(file)?, catalogue),
        Format::Txt => tradingview::read(text_of(file)?, catalogue),
        Format::Json => json::read(file, catalogue),
    }
}

/// Writes a list as a file.
pub fn write(format: Format, list: &Watchlist, catalogue: &TickerIndex) -> Result<String, Error> {
    match format {
        Format::Csv => csv::write(list),
        Format::Txt => Ok(tradingview::write(list, catalogue)),
        Format::Json => json::write(list),
    }
}

fn text_of(file: &[u8]) -> Result<&str, Error> {
    let text = std::str::from_utf8(file);
    let text = text.map_err(Error::NotUtf8)?;
    // Spreadsheets begin a file with a byte order mark.
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}
