//! A list as CSV (RFC 4180): `symbol,name,exchange,section,flag,note`. Name and exchange are for people and are not read.
//!
//! A spreadsheet takes a cell that begins with `=` and the like for a formula, and a stranger's note may be one. Such a
//! cell is written behind a `'`, and so is one that begins with `'`: what is read is what was written.

use super::draft::Draft;
use super::{Error, Line, Rejection};
use crate::search::TickerIndex;
use ::csv::{QuoteStyle, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use watchtape_shared::transfer::{MAX_FILE_LINES, RejectionCode};
use watchtape_shared::watchlist::{Flag, Watchlist};

const HEADER: [&str; 6] = ["symbol", "name", "exchange", "section", "flag", "note"];
/// What a formula may begin with (OWASP, CSV injection), and the sign that takes its meaning away.
const NEUTRALISED: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\'', '＝', '＋', '－', '＠'];

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
        writer.write_record(cells.map(neutralise)).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(unwritable)?;
    String::from_utf8(bytes).map_err(unwritable)
}

fn unwritable(cause: impl std::fmt::Display) -> Error {
    Error::Unwritable(cause.to_string())
}

fn neutralise(cell: &str) -> String {
    if cell.starts_with(NEUTRALISED) { format!("'{cell}") } else { cell.to_owned() }
}

fn restore(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(NEUTRALISED)).unwrap_or(cell)
}

/// Reads a file: columns in any order, of which only `symbol` is needed, separated by `,`, `;` or a tab.
pub(super) fn read(text: &str, catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let mut reader = ReaderBuilder::new().delimiter(delimiter_of(text)).flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().map_err(Error::NotCsv)?.clone();
    let column =
        |name: &str| header.iter().position(|known| known.trim().eq_ignore_ascii_case(name)).unwrap_or(usize::MAX);
    let columns = ["symbol", "section", "flag", "note"].map(column);
    if columns[0] == usize::MAX {
        return Err(Error::NoSymbolColumn);
    }
    let (mut lines, mut place) = (Vec::new(), Place { text, at: 0, line: 1 });
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(Error::NotCsv)? {
        let begins = record.position().map_or(0, |position| position.byte() as usize);
        let number = place.advance(begins);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if lines.len() == MAX_FILE_LINES {
            return Err(Error::TooManyLines);
        }
        let ends = reader.position().byte() as usize;
        let item = if record.len() > header.len() {
            let detail = format!("{} cells under {} columns", record.len(), header.len());
            Err(Rejection::new(RejectionCode::Malformed, detail))
        } else {
            let [symbol, section, flag, note] = columns.map(|column| restore(record.get(column).unwrap_or_default()));
            Draft { symbol, section, flag, note }.parse(catalogue)
        };
        lines.push(Line::new(number, text.get(begins..ends).unwrap_or_default(), item));
    }
    Ok(lines)
}

/// What separates the cells of the first line.
fn delimiter_of(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    // Of equals the last one counts.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// Where in the file a record begins: the reader counts a line's end with the record behind it.
struct Place<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Place<'_> {
    /// The number of the line that the record from this byte on begins on, past the blank lines before it.
    fn advance(&mut self, begins: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let blank = bytes[begins..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let to = begins + blank;
        self.line += bytes[self.at..to].iter().filter(|byte| **byte == b'\n').count() as u32;
        self.at = to;
        self.line
    }
}
