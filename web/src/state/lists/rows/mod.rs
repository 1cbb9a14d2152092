//! The lines of the table as they are shown: the open list in its own order or sorted, under the headings of its sections,
//! without the sections that are folded.

mod folding;
pub(crate) mod line;

use super::open_list::OpenList;
use super::sorting::Sorting;
use crate::state::prices::quotes::Quotes;
use crate::view::reactive::{effect, memo};
use leptos::prelude::*;
use line::{Line, arrange};
use watchtape_shared::Symbol;
use watchtape_shared::text::Section;
use watchtape_shared::watchlist::WatchlistItem;

/// The lines of the open list.
#[derive(Clone, Copy)]
pub(crate) struct Rows {
    list: OpenList,
    quotes: Quotes,
    folded: RwSignal<Vec<Section>>,
    lines: Memo<Vec<Line>>,
    /// The line that has or last had the focus: it stays in the page wherever that is scrolled to.
    visited: RwSignal<Option<Line>>,
}

impl Rows {
    pub(in crate::state) fn new(list: OpenList, quotes: Quotes, sorting: Sorting) -> Self {
        let folded = RwSignal::<Vec<Section>>::default();
        let visited = RwSignal::new(None);
        effect(move || {
            folded.set(list.id().get().map_or_else(Vec::new, |id| folding::stored(&id)));
            visited.set(None);
        });
        let lines = memo(move |_| {
            let ranked = sorting.by().get().map(|_| sorting.ranked().get());
            list.items().with(|items| folded.with(|folded| arrange(items, ranked.as_deref(), folded)))
        });
        Self { list, quotes, folded, lines, visited }
    }

    pub(in crate::state) fn forget(self) {
        let Self { list: _, quotes: _, folded, lines: _, visited } = self;
        folded.set(Vec::new());
        visited.set(None);
    }

    /// Every line, from the top.
    pub(crate) fn lines(self) -> Memo<Vec<Line>> {
        self.lines
    }

    /// The symbols of the rows, in order, without folded ones.
    pub(crate) fn symbols(self) -> Vec<Symbol> {
        self.lines.with(|lines| lines.iter().filter_map(|line| line.symbol()).collect())
    }

    /// The line that the focus was on last.
    pub(crate) fn visited(self) -> ReadSignal<Option<Line>> {
        self.visited.read_only()
    }

    /// Notes that a line has the focus, or is about to get it.
    pub(crate) fn visit(self, line: Line) {
        if let Line::Row(symbol) = line {
            self.unfold_for(symbol);
        }
        if self.visited.with_untracked(|held| held.as_ref() != Some(&line)) {
            self.visited.set(Some(line));
        }
    }

    /// The line `by` places from another, clamped to the ends.
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

    /// A section's item count, and their average change in basis points, if any is known.
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
}
