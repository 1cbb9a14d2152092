//! Lists as CSV (RFC 4180): `symbol,name,exchange,section,flag,note`, and tables of other products with a column of symbols.
//!
//! `records` splits a file into cells, `header` finds the line that names them, `formulas` keeps cells from being formulas.
//! The name is for people; an import ignores it. Of the exchange see [`RawItem`].

mod formulas;
mod header;
mod records;

use super::raw_item::RawItem;
use super::{Error, Line, Rejection, symbol_lookup};
use crate::search::TickerIndex;
use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use formulas::{escape, unescape};
use header::{Header, Table};
use records::Record;
use std::borrow::Cow;
use watchtape_shared::transfer::{MAX_FILE_LINES, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Flag, Watchlist};

const HEADER: [&str; 6] = ["symbol", "name", "exchange", "section", "flag", "note"];
/// Cells of a record. The columns that an import reads are six.
const MAX_COLUMNS: usize = 256;

/// Writes a list.
pub(super) fn write(list: &Watchlist) -> Result<String, Error> {
    let mut writer =
        WriterBuilder::new().terminator(Terminator::CRLF).quote_style(QuoteStyle::Necessary).from_writer(Vec::new());
    writer.write_record(HEADER).map_err(unwritable)?;
    for item in &list.items {
        let cells = [
            item.symbol.as_str(),
            &item.name,
            item.mic.as_deref().unwrap_or_default(),
            item.section.as_ref().map(|section| section.as_str()).unwrap_or_default(),
            item.flag.map(Flag::as_str).unwrap_or_default(),
            item.note.as_ref().map(|note| note.as_str()).unwrap_or_default(),
        ];
        writer.write_record(cells.map(escape)).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(unwritable)?;
    String::from_utf8(bytes).map_err(unwritable)
}

fn unwritable(cause: impl std::fmt::Display) -> Error {
    Error::Unwritable(cause.to_string())
}

/// Reads a file. Columns may be in any order, separated by `,`, `;` or tabs; only one of symbols is required.
pub(super) fn read(text: &str, catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let Table { header, mut records, before } = header::find(text)?;
    let skipped = before.iter().filter(|record| is_item(record, &header, catalogue));
    let reason = "it stands before the line that names the columns";
    let mut lines: Vec<Line> = skipped.map(|record| named(record, malformed(reason))).collect();
    while let Some(record) = records.read()? {
        if record.is_blank() {
            continue;
        }
        if lines.len() >= MAX_FILE_LINES {
            return Err(Error::TooManyLines);
        }
        lines.push(named(&record, item_of(&record, &header, catalogue)));
    }
    Ok(lines)
}

fn named(record: &Record<'_>, item: Result<AddItem, Rejection>) -> Line {
    Line::new(record.line, record.text, item)
}

fn malformed<T>(detail: impl Into<String>) -> Result<T, Rejection> {
    Err(Rejection::new(RejectionCode::Malformed, detail))
}

fn item_of(record: &Record<'_>, header: &Header, catalogue: &TickerIndex) -> Result<AddItem, Rejection> {
    let cells = match &record.cells {
        Ok(cells) => cells,
        Err(why) => return malformed(*why),
    };
    // Delimiters at the end of a line separate nothing.
    if cells.iter().skip(header.columns).any(|cell| !cell.trim().is_empty()) {
        return malformed(format!("{} cells under {} columns", cells.len(), header.columns));
    }
    let RawItem { symbol, isin, exchange, section, flag, note } = header.row(cells);
    let [symbol, isin, exchange, section, flag, note] = [symbol, isin, exchange, section, flag, note].map(unescape);
    RawItem { symbol: &symbol, isin: &isin, exchange: &exchange, section: &section, flag: &flag, note: &note }
        .parse(catalogue)
}

/// Whether a record before the header looks like one of an item, and not like a title.
fn is_item(record: &Record<'_>, header: &Header, catalogue: &TickerIndex) -> bool {
    let Ok(cells) = &record.cells else { return true };
    let mut filled = cells.iter().map(Cow::as_ref).filter(|cell| !cell.trim().is_empty());
    match (filled.next(), filled.next()) {
        (Some(_), Some(_)) => cells.len() >= header.columns,
        (Some(alone), None) => header.columns == 1 && symbol_lookup::find_symbol(catalogue, alone).is_ok(),
        _ => false,
    }
}
