//! Lists as CSV (RFC 4180): `symbol,name,exchange,section,flag,note`. Name and exchange are for people; an import ignores
//! them.
//!
//! Against CSV injection, a cell that a spreadsheet could take for a formula is written with a leading `'`. So is a cell
//! that begins with `'`, so that an import restores every cell exactly.

use super::raw_item::RawItem;
use super::{Error, Line, Rejection};
use crate::search::TickerIndex;
use ::csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use watchtape_shared::transfer::{MAX_FILE_LINES, RejectionCode};
use watchtape_shared::watchlist::{Flag, Watchlist};

const HEADER: [&str; 6] = ["symbol", "name", "exchange", "section", "flag", "note"];
/// First characters of formulas (OWASP, "CSV Injection"), and the escape character itself.
const ESCAPED_STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\'', '＝', '＋', '－', '＠'];

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

fn escape(cell: &str) -> String {
    if cell.starts_with(ESCAPED_STARTS) { format!("'{cell}") } else { cell.to_owned() }
}

fn unescape(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(ESCAPED_STARTS)).unwrap_or(cell)
}

/// Reads a file. Columns may be in any order, separated by `,`, `;` or tabs; only `symbol` is required.
pub(super) fn read(text: &str, catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter_of(text)).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(Error::NotCsv)?.clone();
    let column =
        |name: &str| header.iter().position(|known| known.trim().eq_ignore_ascii_case(name)).unwrap_or(usize::MAX);
    let columns = ["symbol", "section", "flag", "note"].map(column);
    if columns[0] == usize::MAX {
        return Err(Error::NoSymbolColumn);
    }
    let (mut lines, mut counter) = (Vec::new(), LineCounter { text, byte: 0, line: 1 });
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(Error::NotCsv)? {
        let start = record.position().map_or(0, |position| position.byte() as usize);
        let number = counter.advance(start);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() == MAX_FILE_LINES {
            return Err(Error::TooManyLines);
        }
        let end = reader.position().byte() as usize;
        let item = if record.len() > header.len() {
            let detail = format!("{} cells under {} columns", record.len(), header.len());
            Err(Rejection::new(RejectionCode::Malformed, detail))
        } else {
            let [symbol, section, flag, note] = columns.map(|column| unescape(record.get(column).unwrap_or_default()));
            RawItem { symbol, section, flag, note }.parse(catalogue)
        };
        lines.push(Line::new(number, text.get(start..end).unwrap_or_default(), item));
    }
    Ok(lines)
}

/// The delimiter that is most frequent in the header line.
fn delimiter_of(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // `max_by_key` returns the last of equals.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Counts lines as an editor does. The reader's own positions include the line ends before a record.
struct LineCounter<'a> {
    text: &'a str,
    byte: usize,
    line: u32,
}

impl LineCounter<'_> {
    /// The line number of the record that starts at this byte, after any blank lines.
    fn advance(&mut self, start: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let blank = bytes[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let to = start + blank;
        self.line += bytes[self.byte..to].iter().filter(|byte| **byte == b'\n').count() as u32;
        self.byte = to;
        self.line
    }
}
