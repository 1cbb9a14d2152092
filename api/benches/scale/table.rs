//! The one table that is printed.

use std::fmt::Write;

/// A figure beside its reference.
pub(crate) struct Row {
    pub(crate) number: u8,
    pub(crate) what: String,
    pub(crate) measured: String,
    pub(crate) reference: String,
    pub(crate) ratio: Option<f64>,
    pub(crate) must: &'static str,
    pub(crate) stretch: &'static str,
}

impl Row {
    /// A row that could not be measured, and why.
    pub(crate) fn failed(number: u8, cause: &str) -> Self {
        Self {
            number,
            what: format!("not measured: {cause}"),
            measured: "–".to_owned(),
            reference: "–".to_owned(),
            ratio: None,
            must: "–",
            stretch: "–",
        }
    }

    fn cells(&self) -> [String; 7] {
        [
            self.number.to_string(),
            self.what.clone(),
            self.measured.clone(),
            self.reference.clone(),
            self.ratio.map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2}")),
            self.must.to_owned(),
            self.stretch.to_owned(),
        ]
    }
}

/// The rows as a Markdown table whose columns are aligned.
pub(crate) fn render(rows: &[Row]) -> String {
    let head = ["", "what", "measured", "reference, same run", "ratio", "must", "stretch"].map(str::to_owned);
    let lines: Vec<[String; 7]> = std::iter::once(head).chain(rows.iter().map(Row::cells)).collect();
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(widths) {
            let _ = write!(text, "| {cell:width$} ");
        }
        text.push_str("|\n");
        if index == 0 {
            for width in widths {
                let _ = write!(text, "| {} ", "-".repeat(width.max(3)));
            }
            text.push_str("|\n");
        }
    }
    text
}
