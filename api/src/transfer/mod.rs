//! Import and export of watchlists as files: CSV, TradingView's text format and JSON. Importing an exported file gives the
//! same items.
//!
//! An import has four steps: `text_file` decodes the bytes; a format's `read` splits the text into lines (`csv`,
//! `tradingview`, `json`); `raw_item` and `symbol_lookup` parse a line's texts into an item of the catalogue or a rejection; `ListCapacity` rejects what the list
//! has already or has no room for. `import_limits` bounds concurrent imports. Deliberately absent: I/O and the database.

mod csv;
mod error;
pub mod import_limits;
mod json;
mod list_capacity;
mod raw_item;
mod symbol_lookup;
mod text_file;
mod tradingview;

#[cfg(test)]
mod properties;

pub use error::Error;
pub use json::File as JsonFile;
pub use list_capacity::ListCapacity;
pub use symbol_lookup::find_symbol;

use crate::search::TickerIndex;
use watchtape_shared::transfer::{Format, RejectedLine, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Watchlist};

/// Characters of a rejected line, or of a parser's message about it, that are repeated in the answer.
const MAX_QUOTED_CHARS: usize = 100;

/// Why an item is not added to the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// The stable code.
    pub code: RejectionCode,
    /// The reason, for people.
    pub detail: String,
}

impl Rejection {
    fn new(code: RejectionCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// A line of a file: its position, and the parsed item or the reason why it is rejected. Blank lines and comments have none.
#[derive(Clone, Debug)]
pub struct Line {
    /// The position in the file.
    pub position: LinePosition,
    /// The item.
    pub item: Result<AddItem, Rejection>,
}

impl Line {
    fn new(number: u32, text: &str, item: Result<AddItem, Rejection>) -> Self {
        Self { position: LinePosition { number, text: text.trim().chars().take(MAX_QUOTED_CHARS).collect() }, item }
    }
}

/// The position of a line in its file.
#[derive(Clone, Debug)]
pub struct LinePosition {
    /// The line number, from 1; in a JSON file, the number of the item.
    pub number: u32,
    /// The line's text, cut to 100 characters.
    pub text: String,
}

impl LinePosition {
    /// The rejected line, as the answer of an import lists it.
    pub fn rejected(self, Rejection { code, detail }: Rejection) -> RejectedLine {
        RejectedLine { line: self.number, text: self.text, code, detail }
    }
}

/// Parses a file into lines. An error refuses the whole file; a line that is rejected is `Err` in `Line::item`.
pub fn read(format: Format, file: &[u8], catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let text = match text_file::decode(file) {
        Err(Error::NotUnicode { line }) if format == Format::Json => return Err(Error::NotJson { line }),
        decoded => decoded?,
    };
    match format {
        Format::Csv => csv::read(&text, catalogue),
        Format::Txt => tradingview::read(&text, catalogue),
        Format::Json => json::read(text.as_bytes(), catalogue),
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
