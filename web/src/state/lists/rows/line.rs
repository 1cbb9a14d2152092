//! The lines of the table: section headings and rows.

use std::collections::HashMap;
use watchtape_shared::Symbol;
use watchtape_shared::text::Section;
use watchtape_shared::watchlist::WatchlistItem;

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    Section(Section),
    Row(Symbol),
}

impl Line {
    /// The symbol of a row.
    pub(crate) fn symbol(&self) -> Option<Symbol> {
        match self {
            Self::Row(symbol) => Some(*symbol),
            Self::Section(_) => None,
        }
    }
}

/// The lines in order: first the rows without a section, then each section in the order of their first items. A sort
/// (`ranked`) orders the rows within each section.
pub(super) fn arrange(items: &[WatchlistItem], ranked: Option<&[Symbol]>, folded: &[Section]) -> Vec<Line> {
    let mut order: Vec<&WatchlistItem> = items.iter().collect();
    if let Some(ranked) = ranked {
        let places: HashMap<Symbol, usize> = ranked.iter().copied().zip(0..).collect();
        // A row that was added after the last sort comes last until the next.
        order.sort_by_key(|item| places.get(&item.symbol).copied().unwrap_or(usize::MAX));
    }
    let mut sections: Vec<&Section> = Vec::new();
    let mut members: HashMap<Option<&Section>, Vec<Line>> = HashMap::new();
    for section in items.iter().filter_map(|item| item.section.as_ref()) {
        members.entry(Some(section)).or_insert_with(|| {
            sections.push(section);
            Vec::new()
        });
    }
    for item in order {
        members.entry(item.section.as_ref()).or_default().push(Line::Row(item.symbol));
    }
    let mut lines = members.remove(&None).unwrap_or_default();
    for section in sections {
        lines.push(Line::Section(section.clone()));
        if !folded.contains(section) {
            lines.extend(members.remove(&Some(section)).unwrap_or_default());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Currency;

    /// `A B/Tech`: a symbol, and the section it stands in.
    fn items(text: &str) -> Vec<WatchlistItem> {
        let item = |(text, position): (&str, u32)| {
            let (symbol, section) =
                text.split_once('/').map_or((text, None), |(symbol, section)| (symbol, Some(section)));
            WatchlistItem {
                symbol: Symbol::parse(symbol).expect("a symbol"),
                name: symbol.into(),
                mic: None,
                currency: Currency::USD,
                delisted: false,
                position,
                note: None,
                flag: None,
                section: section.map(|section| Section::parse(section).expect("a section")),
                added_at: DateTime::UNIX_EPOCH,
                quote: None,
                alert_count: None,
            }
        };
        text.split(' ').zip(0..).map(item).collect()
    }

    fn shown(text: &str, ranked: Option<&str>, folded: &[&str]) -> String {
        let ranked: Option<Vec<Symbol>> =
            ranked.map(|text| text.split(' ').map(|symbol| Symbol::parse(symbol).expect("a symbol")).collect());
        let folded: Vec<Section> = folded.iter().map(|name| Section::parse(name).expect("a section")).collect();
        let said = |line: &Line| match line {
            Line::Section(section) => format!("[{section}]"),
            Line::Row(symbol) => symbol.to_string(),
        };
        arrange(&items(text), ranked.as_deref(), &folded).iter().map(said).collect::<Vec<_>>().join(" ")
    }

    #[wasm_bindgen_test]
    fn what_belongs_together_stands_together() {
        assert_eq!(shown("A B C", None, &[]), "A B C");
        assert_eq!(shown("A/Tech B C/Banks D/Tech", None, &[]), "B [Tech] A D [Banks] C");
    }

    #[wasm_bindgen_test]
    fn what_is_folded_leaves_its_heading() {
        assert_eq!(shown("A/Tech B C/Banks D/Tech", None, &["Tech", "Gone"]), "B [Tech] [Banks] C");
    }

    #[wasm_bindgen_test]
    fn a_sort_is_within_the_sections_and_new_rows_come_last() {
        assert_eq!(shown("A/Tech B C D/Tech E", Some("E D C B A"), &[]), "E C B [Tech] D A");
        assert_eq!(shown("A B C", Some("C A"), &[]), "C A B");
    }
}
