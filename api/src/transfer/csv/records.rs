//! The records of a CSV file (RFC 4180), with their lines.
//!
//! More forgiving than the standard: any line end, blanks around quoted cells, quotes within unquoted ones. Where a quoted
//! cell is not closed, or is followed by text, its line is no record, and the next line is read as one: a stray quote costs
//! one line and not the rest of the file.

use super::MAX_COLUMNS;
use crate::transfer::{Error, text_file};
use std::borrow::Cow;

/// The cells of a record.
type Cells<'a> = Vec<Cow<'a, str>>;
/// Why a line is no record, in words.
type Malformed = &'static str;

/// A record, or a line that is none.
pub(super) struct Record<'a> {
    /// Its first line, from 1.
    pub(super) line: u32,
    /// Its text, without the line end.
    pub(super) text: &'a str,
    /// Its cells, or why they cannot be read.
    pub(super) cells: Result<Cells<'a>, Malformed>,
}

impl Record<'_> {
    /// Whether nothing is in it.
    pub(super) fn is_blank(&self) -> bool {
        self.cells.as_ref().is_ok_and(|cells| cells.iter().all(|cell| cell.trim().is_empty()))
    }
}

/// The records of a text that are not read yet.
#[derive(Clone, Copy)]
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u32,
    delimiter: u8,
}

impl<'a> Records<'a> {
    pub(super) fn new(text: &'a str, delimiter: u8) -> Self {
        Self { rest: text, line: 1, delimiter }
    }

    /// The same records, separated otherwise.
    pub(super) fn with_delimiter(self, delimiter: u8) -> Self {
        Self { delimiter, ..self }
    }

    pub(super) fn delimiter(self) -> u8 {
        self.delimiter
    }

    /// The line of the next record.
    pub(super) fn line(self) -> u32 {
        self.line
    }

    /// The next record, `None` at the end. [`Error::TooManyColumns`] before more cells are kept.
    pub(super) fn read(&mut self) -> Result<Option<Record<'a>>, Error> {
        let Some((first_line, after_line)) = text_file::split_line(self.rest) else { return Ok(None) };
        let line = self.line;
        let (text, rest, cells) = match self.read_cells()? {
            Ok((cells, end)) => {
                let (text, rest) = self.rest.split_at(end);
                (text, text_file::split_line(rest).map_or("", |(_, rest)| rest), Ok(cells))
            }
            Err(why) => (first_line, after_line, Err(why)),
        };
        self.line += text_file::line_ends(&self.rest[..self.rest.len() - rest.len()]);
        self.rest = rest;
        Ok(Some(Record { line, text, cells }))
    }

    /// The cells of the record that begins here, and where its line ends.
    fn read_cells(&self) -> Result<Result<(Cells<'a>, usize), Malformed>, Error> {
        let (mut cells, mut at) = (Vec::new(), 0);
        loop {
            if cells.len() == MAX_COLUMNS {
                return Err(Error::TooManyColumns);
            }
            let (cell, end) = match self.read_cell(at) {
                Ok(read) => read,
                Err(why) => return Ok(Err(why)),
            };
            cells.push(cell);
            if self.rest.as_bytes().get(end) != Some(&self.delimiter) {
                return Ok(Ok((cells, end)));
            }
            at = end + 1;
        }
    }

    /// The cell that begins here, and where it ends: at a delimiter, a line end or the end of the text.
    fn read_cell(&self, start: usize) -> Result<(Cow<'a, str>, usize), Malformed> {
        let quote = self.skip_blanks(start);
        if self.rest.as_bytes().get(quote) != Some(&b'"') {
            let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n') || *byte == self.delimiter;
            let length = self.rest.as_bytes()[start..].iter().position(is_end);
            let end = length.map_or(self.rest.len(), |length| start + length);
            return Ok((Cow::Borrowed(&self.rest[start..end]), end));
        }
        let (mut from, mut cell) = (quote + 1, Cow::Borrowed(""));
        loop {
            let Some(length) = self.rest[from..].find('"') else { return Err("a quote is not closed") };
            let close = from + length;
            cell += &self.rest[from..close];
            if self.rest.as_bytes().get(close + 1) == Some(&b'"') {
                cell += "\"";
                from = close + 2;
                continue;
            }
            let end = self.skip_blanks(close + 1);
            return match self.rest.as_bytes().get(end) {
                None | Some(b'\r' | b'\n') => Ok((cell, end)),
                Some(byte) if *byte == self.delimiter => Ok((cell, end)),
                Some(_) => Err("text follows a closing quote"),
            };
        }
    }

    fn skip_blanks(&self, start: usize) -> usize {
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t') && **byte != self.delimiter;
        start + self.rest.as_bytes()[start..].iter().take_while(is_blank).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::csv::{ReaderBuilder, WriterBuilder};
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(u32, Result<Vec<String>, &'static str>)> {
        let (mut records, mut read) = (Records::new(text, b','), Vec::new());
        while let Some(record) = records.read().expect("few columns") {
            read.push((record.line, record.cells.map(|cells| cells.iter().map(|cell| cell.to_string()).collect())));
        }
        read
    }

    fn cells(cells: &[&str]) -> Result<Vec<String>, &'static str> {
        Ok(cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn quotes_in_odd_places_cost_no_other_cell() {
        assert_eq!(read("a, \"b, c\" ,d\n"), [(1, cells(&["a", "b, c", "d"]))]);
        assert_eq!(read("a,5\" pipe,\"x\"\"y\""), [(1, cells(&["a", "5\" pipe", "x\"y"]))]);
        let unclosed = read("a,\"b\r\nc,d\re,\"f\"g\nh");
        assert_eq!(unclosed[0], (1, Err("text follows a closing quote")));
        assert_eq!(
            unclosed[1..],
            [(2, cells(&["c", "d"])), (3, Err("text follows a closing quote")), (4, cells(&["h"]))]
        );
        assert_eq!(read("a,\"b\nc,d"), [(1, Err("a quote is not closed")), (2, cells(&["c", "d"]))]);
        assert_eq!(read("\"a\rb\",c\r\nd"), [(1, cells(&["a\rb", "c"])), (3, cells(&["d"]))]);
    }

    proptest! {
        #[test]
        fn what_a_writer_writes_is_read(table in prop::collection::vec(prop::collection::vec("[a,;\"\n\r é]{0,6}", 2..5), 1..5)) {
            let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for record in &table {
                writer.write_record(record).expect("a record");
            }
            let text = String::from_utf8(writer.into_inner().expect("a file")).expect("UTF-8");
            let read: Vec<_> = read(&text).into_iter().map(|(_, cells)| cells.expect("a record")).collect();
            // A cell that begins with blanks is quoted where a quote is in it.
            prop_assert_eq!(read, table);
        }

        #[test]
        fn a_record_has_as_many_columns_as_a_reader_finds_or_is_refused(text in "([,]{80,300}|[a\"\n\r ]{1,3}){1,12}") {
            let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let most = reader.records().filter_map(|record| record.ok().map(|record| record.len())).max().unwrap_or(0);
            let (mut records, mut kept) = (Records::new(&text, b','), 0);
            while let Ok(Some(record)) = records.read() {
                kept = kept.max(record.cells.map_or(0, |cells| cells.len()));
            }
            prop_assert!(kept <= MAX_COLUMNS, "{} of {}", kept, most);
        }

        #[test]
        fn lines_are_counted_and_no_text_is_lost(text in "[a,\"\n\r ]{0,30}") {
            let (mut records, mut last) = (Records::new(&text, b','), 0);
            while let Some(record) = records.read().expect("few columns") {
                prop_assert!(record.line > last);
                last = record.line;
            }
            prop_assert!(last <= text_file::line_ends(&text) + 1);
        }
    }
}
