//! A pasted text or a chosen file as the server accepts it.
//!
//! Deliberately absent: reading files. The server does that, and says which symbols and lines it has found; here is only
//! told of what form a file is.

use watchtape_shared::transfer::{Format, Imported};

/// Of a file, so much is looked at to tell its form.
const HEAD_BYTES: usize = 64 * 1024;
const HEADER_LINES: usize = 50;
/// Columns by which a table of securities is known.
const COLUMNS: [&str; 4] = ["symbol", "ticker", "isin", "symbol/isin"];

/// A file to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) format: Format,
    /// Its bytes, as they came.
    pub(crate) content: Vec<u8>,
    /// For a pasted text, the original line of each line of the content. Empty for a file, whose lines are unchanged.
    original_lines: Vec<u32>,
}

impl Draft {
    /// A draft of pasted text: symbols between commas, white space or cells become one a line.
    pub(crate) fn of_text(text: &str) -> Self {
        match format_of("", text.as_bytes()) {
            Format::Txt => symbols(text),
            format => Self { format, content: text.as_bytes().to_vec(), original_lines: Vec::new() },
        }
    }

    /// A draft of a file; its format is known by name or by its first characters.
    pub(crate) fn of_file(name: &str, content: Vec<u8>) -> Self {
        Self { format: format_of(name, &content), content, original_lines: Vec::new() }
    }

    /// The outcome with the line numbers of the pasted text.
    pub(crate) fn with_original_lines(&self, mut outcome: Imported) -> Imported {
        for line in &mut outcome.rejected {
            line.line = self.original_lines.get((line.line as usize).saturating_sub(1)).copied().unwrap_or(line.line);
        }
        outcome
    }
}

fn format_of(name: &str, content: &[u8]) -> Format {
    let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    let head = head_of(content);
    match ending.as_str() {
        "csv" | "tsv" => Format::Csv,
        "json" => Format::Json,
        // Spreadsheets save tables under this name too.
        "txt" if !is_table(&head, 2) => Format::Txt,
        _ if head.trim_start().starts_with('{') => Format::Json,
        _ if is_table(&head, 1) => Format::Csv,
        _ => Format::Txt,
    }
}

/// The beginning of a file as far as its ASCII letters go, in each of the encodings that the server reads: those of UTF-16
/// have a zero beside them.
fn head_of(content: &[u8]) -> String {
    content
        .iter()
        .take(HEAD_BYTES)
        .filter(|byte| byte.is_ascii() && **byte != 0)
        .map(|byte| char::from(*byte))
        .collect()
}

/// Whether one of the first lines names a column of symbols, among so many at least.
fn is_table(head: &str, columns: usize) -> bool {
    head.split(['\r', '\n']).take(HEADER_LINES).any(|line| {
        let cells: Vec<&str> = line.split([',', ';', '\t']).map(bare).collect();
        let names_symbols = |cell: &&str| COLUMNS.iter().any(|name| cell.eq_ignore_ascii_case(name));
        cells.len() >= columns && cells.iter().any(names_symbols)
    })
}

/// One symbol a line. Of a table without a header the first column is used; a list with sections is left as it is.
fn symbols(text: &str) -> Draft {
    let mut draft = Draft { format: Format::Txt, content: Vec::new(), original_lines: Vec::new() };
    if text.lines().any(|line| line.trim_start().starts_with('#')) {
        draft.content.extend_from_slice(text.as_bytes());
        return draft;
    }
    for (number, line) in (1..).zip(text.lines()) {
        let cells = line.split('\t').next().unwrap_or_default();
        for symbol in cells.split(|character: char| character.is_whitespace() || ",;".contains(character)) {
            let symbol = bare(symbol);
            if !symbol.is_empty() {
                draft.content.extend_from_slice(symbol.as_bytes());
                draft.content.push(b'\n');
                draft.original_lines.push(number);
            }
        }
    }
    draft
}

/// A cell without the quotes of a spreadsheet.
fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::transfer::{RejectedLine, RejectionCode};

    #[wasm_bindgen_test]
    fn pasted_symbols_stand_one_a_line() {
        for text in ["AAPL, MSFT NVDA", "AAPL;MSFT\r\nNVDA", " AAPL\n\nMSFT \nNVDA\n", "AAPL\tApple Inc.\nMSFT NVDA\t3"]
        {
            assert_eq!(Draft::of_text(text).content, b"AAPL\nMSFT\nNVDA\n", "{text:?}");
        }
        let sections = "###Tech\nNASDAQ:AAPL,NASDAQ:MSFT";
        assert_eq!(Draft::of_text(sections).content, sections.as_bytes());
    }

    #[wasm_bindgen_test]
    fn the_form_of_a_file_is_told_by_its_name_or_by_how_it_begins() {
        for (name, content, format) in [
            ("a.csv", "x", Format::Csv),
            ("a.JSON", "x", Format::Json),
            ("a", "name;symbol\nApple;AAPL", Format::Csv),
            ("", "{\"name\":\"a\",\"items\":[]}", Format::Json),
            ("list.txt", "symbol", Format::Txt),
            ("Unicode Text.txt", "\u{feff}Symbol\tNote\r\nAAPL\tx", Format::Csv),
            ("", "Positions\r\rTicker;Note\rAAPL;x", Format::Csv),
            ("a.tsv", "x", Format::Csv),
            ("", "AAPL", Format::Txt),
        ] {
            let utf16: Vec<u8> = content.encode_utf16().flat_map(u16::to_be_bytes).collect();
            for content in [content.as_bytes().to_vec(), utf16] {
                let draft = Draft::of_file(name, content.clone());
                assert_eq!((draft.format, draft.content), (format, content), "{name:?}");
            }
        }
    }

    #[wasm_bindgen_test]
    fn lines_of_a_pasted_text_are_told_as_they_were_pasted() {
        let line = |line| RejectedLine {
            line,
            text: String::new(),
            code: RejectionCode::UnknownSymbol,
            detail: String::new(),
        };
        let outcome = Imported { added: 2, symbols: Vec::new(), rejected: vec![line(2), line(3)], version: 1 };
        let told = Draft::of_text("aapl, nope\nnope").with_original_lines(outcome);
        assert_eq!(told.rejected.iter().map(|line| line.line).collect::<Vec<_>>(), [1, 2]);
    }
}
