//! The line of a CSV file that names its columns, and the delimiter.
//!
//! Exports of other products begin with titles, dates and blank lines, so the header is the first record that names a
//! column of symbols, by any of three delimiters.

use super::records::{Record, Records};
use crate::transfer::Error;
use crate::transfer::raw_item::RawItem;
use std::borrow::Cow;
use watchtape_shared::transfer::MAX_FILE_LINES;

/// Names of columns, in lower case, as this and other products have them: the first that a file has is read.
const SYMBOL: [&str; 8] =
    ["symbol", "ticker", "symbols", "tickers", "ticker symbol", "stock symbol", "symbol/isin", "isin"];
const ISIN: [&str; 1] = ["isin"];
const EXCHANGE: [&str; 1] = ["exchange"];
const SECTION: [&str; 1] = ["section"];
const FLAG: [&str; 1] = ["flag"];
const NOTE: [&str; 4] = ["note", "notes", "comment", "comments"];

/// Tried in this order: of delimiters by which a line has as many cells, the first is taken.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// The columns of a file.
pub(super) struct Header {
    /// How many there are.
    pub(super) columns: usize,
    symbol: usize,
    isin: Option<usize>,
    exchange: Option<usize>,
    section: Option<usize>,
    flag: Option<usize>,
    note: Option<usize>,
}

impl Header {
    /// The header among these cells, if one names a column of symbols.
    fn of(cells: &[Cow<'_, str>]) -> Option<Self> {
        let names: Vec<String> = cells.iter().map(|cell| cell.trim().to_lowercase()).collect();
        let column = |known: &[&str]| known.iter().find_map(|known| names.iter().position(|name| name == known));
        Some(Self {
            columns: cells.len(),
            symbol: column(&SYMBOL)?,
            isin: column(&ISIN),
            exchange: column(&EXCHANGE),
            section: column(&SECTION),
            flag: column(&FLAG),
            note: column(&NOTE),
        })
    }

    /// A record's cells.
    pub(super) fn row<'a>(&self, cells: &'a [Cow<'_, str>]) -> RawItem<'a> {
        let cell = |column: Option<usize>| column.and_then(|column| cells.get(column)).map_or("", |cell| cell.as_ref());
        RawItem {
            symbol: cell(Some(self.symbol)),
            isin: cell(self.isin),
            exchange: cell(self.exchange),
            section: cell(self.section),
            flag: cell(self.flag),
            note: cell(self.note),
        }
    }
}

/// A file whose header has been found.
pub(super) struct Table<'a> {
    pub(super) header: Header,
    /// The records behind the header.
    pub(super) records: Records<'a>,
    /// Those before it, blank ones left out, as its delimiter separates them.
    pub(super) before: Vec<Record<'a>>,
}

/// Finds the header. [`Error::NoSymbolColumn`] where there is none.
pub(super) fn find(text: &str) -> Result<Table<'_>, Error> {
    let mut walk = Records::new(text, DELIMITERS[0]);
    for _ in 0..MAX_FILE_LINES {
        if let Some((header, records)) = header_at(walk)? {
            let before = records_before(walk, Records::new(text, records.delimiter()))?;
            return Ok(Table { header, records, before });
        }
        if walk.read()?.is_none() {
            break;
        }
    }
    Err(Error::NoSymbolColumn)
}

/// The header in the next line, and the records behind it. By more than one delimiter a line may be one: that counts which
/// makes more cells of it, and then of the line behind it.
fn header_at(walk: Records<'_>) -> Result<Option<(Header, Records<'_>)>, Error> {
    let mut best: Option<((usize, usize), Header, Records<'_>)> = None;
    for delimiter in DELIMITERS {
        let mut records = walk.with_delimiter(delimiter);
        let cells = records.read()?.and_then(|record| record.cells.ok());
        let Some(header) = cells.and_then(|cells| Header::of(&cells)) else { continue };
        let mut behind = records;
        let next = behind.read()?.and_then(|record| record.cells.ok()).map_or(0, |cells| cells.len());
        let score = (header.columns, next);
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, header, records));
        }
    }
    Ok(best.map(|(_, header, records)| (header, records)))
}

/// The records before the line where the header was found.
fn records_before<'a>(header: Records<'a>, mut records: Records<'a>) -> Result<Vec<Record<'a>>, Error> {
    let mut before = Vec::new();
    while let Some(record) = records.read()?.filter(|record| record.line < header.line()) {
        if !record.is_blank() {
            before.push(record);
        }
    }
    Ok(before)
}
