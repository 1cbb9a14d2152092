//! Lists in TradingView's text format: `EXCHANGE:SYMBOL`, separated by commas or line ends, under `###SECTION`.
//!
//! Flags and notes, which that format does not have, follow their symbol as comments: `# flag: red`, and `# note: "…"` with
//! a JSON string. `###` alone ends a section. In a section's name `%2C` is a comma and `%25` a percent sign. Other lines
//! that begin with `#` are ignored.

use super::{Error, Line, Rejection, raw_item, symbol_lookup, text_file};
use crate::search::TickerIndex;
use watchtape_shared::text::Section;
use watchtape_shared::transfer::{MAX_FILE_LINES, RejectionCode};
use watchtape_shared::watchlist::{AddItem, Flag, Watchlist};

const SECTION: &str = "###";
const FLAG: &str = "# flag:";
const NOTE: &str = "# note:";

/// Writes a list.
pub(super) fn write(list: &Watchlist, catalogue: &TickerIndex) -> String {
    let mut text = String::new();
    let mut section = None;
    let mut line = |parts: [&str; 2]| {
        text.extend(parts);
        text.push('\n');
    };
    for item in &list.items {
        if item.section.as_ref() != section {
            section = item.section.as_ref();
            line([SECTION, &section.map(escape).unwrap_or_default()]);
        }
        line([&symbol_lookup::to_tradingview(catalogue, item), ""]);
        if let Some(flag) = item.flag.map(Flag::as_str) {
            line([FLAG, &format!(" {flag}")]);
        }
        if let Some(note) = &item.note {
            line([NOTE, &format!(" {}", serde_json::Value::from(note.as_str()))]);
        }
    }
    text
}

fn escape(section: &Section) -> String {
    section.as_str().replace('%', "%25").replace(',', "%2C")
}

fn unescape(section: &str) -> String {
    section.replace("%2C", ",").replace("%2c", ",").replace("%25", "%")
}

/// Reads a file.
pub(super) fn read(text: &str, catalogue: &TickerIndex) -> Result<Vec<Line>, Error> {
    let mut reader = Reader { catalogue, section: None, lines: Vec::new(), last: None };
    let (mut number, mut rest) = (0, text);
    while let Some((line, after)) = text_file::split_line(rest) {
        (number, rest) = (number + 1, after);
        let line = line.trim();
        if line.starts_with('#') && !line.starts_with(SECTION) {
            if let Err(rejection) = reader.read_comment(line) {
                reader.push(number, line, Err(rejection));
            }
        } else {
            for entry in entries(line) {
                reader.read_entry(number, entry);
                reader.check_line_limit()?;
            }
        }
        reader.check_line_limit()?;
    }
    Ok(reader.lines)
}

/// The sections and symbols of a line. Symbols may also be separated by semicolons and tabs, which a section may have in its
/// name.
fn entries(line: &str) -> impl Iterator<Item = &str> {
    let separators = |entry: &str| if entry.trim_start().starts_with(SECTION) { "" } else { ";\t" };
    let split = move |entry| str::split(entry, move |c| separators(entry).contains(c));
    line.split(',').flat_map(split).map(str::trim).filter(|entry| !entry.is_empty())
}

struct Reader<'a> {
    catalogue: &'a TickerIndex,
    section: Option<Section>,
    lines: Vec<Line>,
    /// The line of the symbol that the next comments belong to.
    last: Option<usize>,
}

impl Reader<'_> {
    fn check_line_limit(&self) -> Result<(), Error> {
        if self.lines.len() > MAX_FILE_LINES { Err(Error::TooManyLines) } else { Ok(()) }
    }

    fn push(&mut self, number: u32, text: &str, item: Result<AddItem, Rejection>) {
        self.lines.push(Line::new(number, text, item));
    }

    /// Reads a section, or a symbol.
    fn read_entry(&mut self, number: u32, entry: &str) {
        if let Some(name) = entry.strip_prefix(SECTION) {
            let name = unescape(name);
            self.section = None;
            match Some(name)
                .filter(|name| !name.trim().is_empty())
                .map(|name| raw_item::parse_section(&name))
                .transpose()
            {
                Ok(section) => self.section = section,
                Err(rejection) => self.push(number, entry, Err(rejection)),
            }
            return;
        }
        let section = self.section.clone();
        let item = symbol_lookup::find_symbol(self.catalogue, entry);
        let item = item.map(|symbol| AddItem { section, ..AddItem::at_end(symbol) });
        self.last = Some(self.lines.len());
        self.push(number, entry, item);
    }

    /// Reads the flag or the note of the previous symbol; ignores any other comment.
    fn read_comment(&mut self, line: &str) -> Result<(), Rejection> {
        let Some(Line { item: Ok(item), .. }) = self.last.and_then(|last| self.lines.get_mut(last)) else {
            return Ok(());
        };
        if let Some(flag) = line.strip_prefix(FLAG) {
            item.flag = Some(raw_item::parse_flag(flag)?);
        } else if let Some(note) = line.strip_prefix(NOTE) {
            let no_text = |_| Rejection::new(RejectionCode::Malformed, "a note is a JSON string");
            item.note = Some(raw_item::parse_note(&serde_json::from_str::<String>(note).map_err(no_text)?)?);
        }
        Ok(())
    }
}
