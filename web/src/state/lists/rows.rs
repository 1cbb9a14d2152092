//! The lines of the table, as they are to be seen: the open list in its own order or in that of a sort, under the
//! headings of its sections, without what is folded away.

use super::open_list::OpenList;
use super::sorting::Sorting;
use crate::state::local_storage;
use crate::state::prices::quotes::Quotes;
use leptos::prelude::*;
use std::collections::HashMap;
use watchtape_shared::text::Section;
use watchtape_shared::watchlist::WatchlistItem;
use watchtape_shared::{Symbol, WatchlistId};

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Line {
    Section(Section),
    Row(Symbol),
}

/// The lines of the open list.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    list: OpenList,
    quotes: Quotes,
    folded: RwSignal<Vec<Section>>,
    lines: Memo<Vec<Line>>,
    /// The line that has the focus or had it last: it is in the page wherever that is scrolled to.
    visited: RwSignal<Option<Line>>,
}

impl Rows {
    pub(in crate::state) fn new(list: OpenList, quotes: Quotes, sorting: Sorting) -> Self {
        let folded = RwSignal::<Vec<Section>>::default();
        let visited = RwSignal::new(None);
        Effect::new(move |_| {
            folded.set(list.id().get().map_or_else(Vec::new, |id| remembered(&id)));
            visited.set(None);
        });
        let lines = Memo::new(move |_| {
            let ranked = sorting.by().get().map(|_| sorting.ranked().get());
            list.items().with(|items| folded.with(|folded| arrange(items, ranked.as_deref(), folded)))
        });
        Self { list, quotes, folded, lines, visited }
    }

    /// Every line, from the top.
    pub(crate) fn lines(self) -> Memo<Vec<Line>> {
        self.lines
    }

    /// The symbols in the order in which they are seen; none that is folded away.
    pub(crate) fn symbols(self) -> Vec<Symbol> {
        self.lines.with(|lines| lines.iter().filter_map(|line| line.symbol()).collect())
    }

    /// The line that the focus was on last.
    pub(crate) fn visited(self) -> ReadSignal<Option<Line>> {
        self.visited.read_only()
    }

    /// Notes which line has the focus, or is about to.
    pub(crate) fn visit(self, line: Line) {
        if let Line::Row(symbol) = line {
            self.unfold_for(symbol);
        }
        if self.visited.with_untracked(|held| held.as_ref() != Some(&line)) {
            self.visited.set(Some(line));
        }
    }

    /// The line so many places away from another, or the last one on the way there.
    pub(crate) fn neighbour(self, line: &Line, by: isize) -> Option<Line> {
        self.lines.with_untracked(|lines| {
            let at = lines.iter().position(|held| held == line)?;
            lines.get(at.saturating_add_signed(by).min(lines.len() - 1)).cloned()
        })
    }

    /// The item of a symbol.
    pub(crate) fn item(self, symbol: Symbol) -> Option<WatchlistItem> {
        self.list.items().with(|items| items.iter().find(|item| item.symbol == symbol).cloned())
    }

    pub(crate) fn is_folded(self, section: &Section) -> bool {
        self.folded.with(|folded| folded.contains(section))
    }

    /// Folds a section away or out again, and remembers that in this browser.
    pub(crate) fn fold(self, section: &Section) {
        self.folded.update(|folded| {
            let count = folded.len();
            folded.retain(|held| held != section);
            if folded.len() == count {
                folded.push(section.clone());
            }
        });
        if let Some(id) = self.list.id().get_untracked() {
            // Only what is still there: a heading that is gone is forgotten.
            let names: Vec<String> = self.folded.with_untracked(|folded| {
                let is_there = |section: &&Section| self.members(section) > 0;
                folded.iter().filter(is_there).map(Section::to_string).collect()
            });
            local_storage::write(&key(&id), &names.join("\n"));
        }
    }

    /// How many items a section has, and their change on average in basis points where any is known.
    pub(crate) fn summary(self, section: &Section) -> (usize, Option<i64>) {
        let (mut sum, mut known) = (0, 0);
        let count = self.list.items().with(|items| {
            let members = items.iter().filter(|item| item.section.as_ref() == Some(section));
            members
                .inspect(|item| {
                    let change = self
                        .quotes
                        .peek(item.symbol, |quote| Some(quote.price?.change_from(quote.previous_close?).basis_points));
                    if let Some(points) = change.flatten() {
                        sum += points;
                        known += 1;
                    }
                })
                .count()
        });
        (count, (known > 0).then(|| sum / known))
    }

    fn members(self, section: &Section) -> usize {
        self.list
            .items()
            .with_untracked(|items| items.iter().filter(|item| item.section.as_ref() == Some(section)).count())
    }

    /// A row that is folded away has no place to be shown at.
    fn unfold_for(self, symbol: Symbol) {
        let section = untrack(|| self.item(symbol)).and_then(|item| item.section);
        if let Some(section) = section.filter(|section| untrack(|| self.is_folded(section))) {
            self.fold(&section);
        }
    }
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

fn key(id: &WatchlistId) -> String {
    let mut key = "watchtape.folded.".to_owned();
    key.push_str(id.as_str());
    key
}

fn remembered(id: &WatchlistId) -> Vec<Section> {
    let stored = local_storage::read(&key(id)).unwrap_or_default();
    stored.lines().filter_map(|name| Section::parse(name).ok()).collect()
}

/// What is under no heading comes first, then section by section in the order of their first items.
fn arrange(items: &[WatchlistItem], ranked: Option<&[Symbol]>, folded: &[Section]) -> Vec<Line> {
    let mut order: Vec<&WatchlistItem> = items.iter().collect();
    if let Some(ranked) = ranked {
        let places: HashMap<Symbol, usize> = ranked.iter().copied().zip(0..).collect();
        // What came after the last sort waits at the end for the next.
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
                position,
                note: None,
                flag: None,
                section: section.map(|section| Section::parse(section).expect("a section")),
                added_at: DateTime::UNIX_EPOCH,
                quote: None,
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
