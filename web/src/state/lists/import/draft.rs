//! A pasted text or a chosen file as the server accepts it, and the symbols in it.

use serde_json::Value;
use std::collections::HashSet;
use watchtape_shared::transfer::{Format, Imported};

/// A file to be imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) format: Format,
    pub(crate) content: String,
    /// For a pasted text, the original line of each line of the content. Empty for a file, whose lines are unchanged.
    original_lines: Vec<u32>,
}

impl Draft {
    /// A draft of pasted text: symbols between commas, white space or cells become one a line.
    pub(crate) fn of_text(text: &str) -> Self {
        match format_of("", text) {
            Format::Txt => symbols(text),
            format => Self { format, content: text.to_owned(), original_lines: Vec::new() },
        }
    }

    /// A draft of a file; its format is known by name or by its first characters.
    pub(crate) fn of_file(name: &str, content: String) -> Self {
        Self { format: format_of(name, &content), content, original_lines: Vec::new() }
    }

    /// The symbols that will be added: those in the file that the server did not reject. `None` if the file's layout
    /// is one that only the server parses.
    pub(crate) fn accepted(&self, outcome: &Imported) -> Option<Vec<String>> {
        let rejected: HashSet<u32> = outcome.rejected.iter().map(|line| line.line).collect();
        let accepted: Vec<String> =
            self.named().into_iter().filter(|(line, _)| !rejected.contains(line)).map(|(_, symbol)| symbol).collect();
        (accepted.len() == outcome.added as usize).then_some(accepted)
    }

    /// The outcome with the line numbers of the pasted text.
    pub(crate) fn with_original_lines(&self, mut outcome: Imported) -> Imported {
        for line in &mut outcome.rejected {
            line.line = self.original_lines.get((line.line as usize).saturating_sub(1)).copied().unwrap_or(line.line);
        }
        outcome
    }

    fn named(&self) -> Vec<(u32, String)> {
        let mut named = Vec::new();
        let numbered = (1..).zip(self.content.lines().map(str::trim));
        match self.format {
            Format::Txt => {
                for (number, line) in numbered.filter(|(_, line)| !line.starts_with('#')) {
                    let symbols = line.split(',').map(str::trim).filter(|symbol| !symbol.is_empty());
                    named.extend(symbols.map(|symbol| (number, after_exchange(symbol).to_ascii_uppercase())));
                }
            }
            Format::Csv => {
                let header = self.content.lines().next().unwrap_or_default();
                let separator = separator(header);
                let is_symbol = |cell: &str| bare(cell).eq_ignore_ascii_case("symbol");
                let column = header.split(separator).position(is_symbol).unwrap_or_default();
                for (number, line) in numbered.skip(1).filter(|(_, line)| !line.is_empty()) {
                    let cell = bare(line.split(separator).nth(column).unwrap_or_default());
                    named.push((number, after_exchange(cell).to_ascii_uppercase()));
                }
            }
            Format::Json => {
                let file: Value = serde_json::from_str(&self.content).unwrap_or_default();
                let items = file["items"].as_array().into_iter().flatten();
                let symbols = items.map(|item| item["symbol"].as_str().unwrap_or_default().to_ascii_uppercase());
                named.extend((1..).zip(symbols));
            }
        }
        named
    }
}

fn format_of(name: &str, content: &str) -> Format {
    let ending = name.rsplit('.').next().unwrap_or_default();
    let known = Format::ALL.into_iter().find(|format| format.as_str().eq_ignore_ascii_case(ending));
    let header = content.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let is_table = header.split(separator(header)).any(|cell| bare(cell).eq_ignore_ascii_case("symbol"));
    match known {
        Some(format) => format,
        None if content.trim_start().starts_with('{') => Format::Json,
        None if is_table => Format::Csv,
        None => Format::Txt,
    }
}

/// One symbol a line. Of a table without a header the first column is used; a list with sections is left as it is.
fn symbols(text: &str) -> Draft {
    let mut draft = Draft { format: Format::Txt, content: String::new(), original_lines: Vec::new() };
    if text.lines().any(|line| line.trim_start().starts_with('#')) {
        draft.content.push_str(text);
        return draft;
    }
    for (number, line) in (1..).zip(text.lines()) {
        let cells = line.split('\t').next().unwrap_or_default();
        for symbol in cells.split(|character: char| character.is_whitespace() || ",;".contains(character)) {
            let symbol = bare(symbol);
            if !symbol.is_empty() {
                draft.content.push_str(symbol);
                draft.content.push('\n');
                draft.original_lines.push(number);
            }
        }
    }
    draft
}

fn separator(header: &str) -> char {
    [',', ';', '\t'].into_iter().find(|separator| header.contains(*separator)).unwrap_or(',')
}

/// A cell without the quotes of a spreadsheet.
fn bare(cell: &str) -> &str {
    cell.trim().trim_matches('"')
}

fn after_exchange(symbol: &str) -> &str {
    symbol.rsplit(':').next().unwrap_or(symbol)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::transfer::{RejectedLine, RejectionCode};

    fn outcome(added: u32, rejected: &[u32]) -> Imported {
        let reject = |line: &u32| RejectedLine {
            line: *line,
            text: String::new(),
            code: RejectionCode::UnknownSymbol,
            detail: String::new(),
        };
        Imported { added, rejected: rejected.iter().map(reject).collect(), version: 1 }
    }

    #[wasm_bindgen_test]
    fn pasted_symbols_stand_one_a_line() {
        for text in ["AAPL, MSFT NVDA", "AAPL;MSFT\r\nNVDA", " AAPL\n\nMSFT \nNVDA\n", "AAPL\tApple Inc.\nMSFT NVDA\t3"]
        {
            assert_eq!(Draft::of_text(text).content, "AAPL\nMSFT\nNVDA\n", "{text:?}");
        }
        let sections = "###Tech\nNASDAQ:AAPL,NASDAQ:MSFT";
        assert_eq!(Draft::of_text(sections).content, sections);
    }

    #[wasm_bindgen_test]
    fn the_form_of_a_file_is_told_by_its_name_or_by_how_it_begins() {
        for (name, content, format) in [
            ("a.csv", "x", Format::Csv),
            ("a.JSON", "x", Format::Json),
            ("a", "name;symbol\nApple;AAPL", Format::Csv),
            ("", "{\"name\":\"a\",\"items\":[]}", Format::Json),
            ("list.txt", "symbol", Format::Txt),
            ("", "AAPL", Format::Txt),
        ] {
            assert_eq!(Draft::of_file(name, content.into()).format, format, "{name:?} {content:?}");
        }
    }

    #[wasm_bindgen_test]
    fn what_is_accepted_is_what_is_named_and_not_rejected() {
        let text = Draft::of_text("aapl, nope, MSFT");
        assert_eq!(text.accepted(&outcome(2, &[2])), Some(vec!["AAPL".into(), "MSFT".into()]));
        assert_eq!(text.accepted(&outcome(1, &[2])), None, "read otherwise by the server");
        assert_eq!(text.with_original_lines(outcome(2, &[2])).rejected[0].line, 1);
        let table = Draft::of_file("a.csv", "name,\"symbol\"\nApple,AAPL\n\nX,NOPE\n".into());
        assert_eq!(table.accepted(&outcome(1, &[4])), Some(vec!["AAPL".into()]));
        let json = Draft::of_file("a.json", r#"{"name":"a","items":[{"symbol":"ibm"},{"symbol":"no"}]}"#.into());
        assert_eq!(json.accepted(&outcome(1, &[2])), Some(vec!["IBM".into()]));
    }
}
