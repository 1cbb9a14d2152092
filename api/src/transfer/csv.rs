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
/// Cells of a record. The columns that an import reads are four.
const MAX_COLUMNS: usize = 256;
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
    let delimiter = delimiter_of(text);
    check_columns(text.as_bytes(), delimiter)?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
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

/// Refuses a file with a record of more than [`MAX_COLUMNS`] cells, before the reader allocates an index of them. Quotes
/// count as they do for the reader.
fn check_columns(text: &[u8], delimiter: u8) -> Result<(), Error> {
    enum State {
        Start,
        Plain,
        Quoted,
        /// After a quote in a quoted cell: its end, or the first half of a quote.
        Quote,
    }
    let (mut state, mut columns) = (State::Start, 1);
    for byte in text {
        state = match (state, *byte) {
            (State::Quoted, b'"') => State::Quote,
            (State::Quoted, _) | (State::Start | State::Quote, b'"') => State::Quoted,
            (_, b'\r' | b'\n') => {
                columns = 1;
                State::Start
            }
            (_, byte) if byte == delimiter => {
                columns += 1;
                if columns > MAX_COLUMNS {
                    return Err(Error::TooManyColumns);
                }
                State::Start
            }
            _ => State::Plain,
        };
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The most cells of a record, as the reader counts them.
    fn most_cells(text: &str) -> usize {
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().filter_map(|record| record.ok().map(|record| record.len())).max().unwrap_or(0)
    }

    proptest! {
        #[test]
        fn no_more_columns_pass_than_the_reader_is_to_index(text in "([,]{80,300}|[a\"\n\r ]{1,3}){1,12}") {
            prop_assert!(check_columns(text.as_bytes(), b',').is_err() || most_cells(&text) <= MAX_COLUMNS);
        }

        #[test]
        fn what_was_written_passes(notes in prop::collection::vec("[a,\"\n]{0,2000}", 1..4)) {
            let mut writer = WriterBuilder::new().from_writer(Vec::new());
            writer.write_record(&notes).expect("a record");
            let text = writer.into_inner().expect("a file");
            prop_assert!(check_columns(&text, b',').is_ok());
        }
    }
}
