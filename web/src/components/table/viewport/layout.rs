//! The positions of the table's lines, and which of them a range of pixels shows.
//!
//! Deliberately absent: the DOM. Heights are given, and all lines of a kind have the same.

use crate::state::lists::rows::line::Line;
use std::collections::HashMap;
use std::ops::Range;

/// The heights of lines, in pixels; zero before they were measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Heights {
    pub(crate) row: i32,
    pub(crate) section: i32,
}

/// The lines and their positions.
pub(crate) struct Layout {
    lines: Vec<Line>,
    heights: Heights,
    tops: Vec<i32>,
    places: HashMap<Line, usize>,
}

/// Lines enter and leave the page in steps of so many.
const STEP: usize = 4;

impl Layout {
    pub(crate) fn new(lines: Vec<Line>, heights: Heights) -> Self {
        let mut top = 0;
        let mut tops = Vec::with_capacity(lines.len() + 1);
        for line in &lines {
            tops.push(top);
            top += if matches!(line, Line::Row(_)) { heights.row } else { heights.section };
        }
        tops.push(top);
        let places = lines.iter().cloned().zip(0..).collect();
        Self { lines, heights, tops, places }
    }

    /// How tall all lines are together.
    pub(crate) fn height(&self) -> i32 {
        self.tops.last().copied().unwrap_or(0)
    }

    pub(crate) fn row_height(&self) -> i32 {
        self.heights.row
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// A line's index.
    pub(crate) fn place(&self, line: &Line) -> Option<usize> {
        self.places.get(line).copied()
    }

    /// How far a line is from the top.
    pub(crate) fn top(&self, line: &Line) -> Option<i32> {
        self.tops.get(self.place(line)?).copied()
    }

    /// The lines that a range of pixels shows, rounded to steps.
    pub(crate) fn between(&self, from: i32, to: i32) -> Range<usize> {
        let count = self.lines.len();
        if self.heights.row == 0 || to <= from {
            return 0..0;
        }
        let first = self.tops.partition_point(|top| *top <= from).saturating_sub(1);
        let last = self.tops.partition_point(|top| *top < to).min(count);
        let first = first / STEP * STEP;
        first.min(count)..last.next_multiple_of(STEP).min(count)
    }
}

impl PartialEq for Layout {
    fn eq(&self, other: &Self) -> bool {
        self.heights == other.heights && self.lines == other.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;
    use watchtape_shared::Symbol;
    use watchtape_shared::text::Section;

    fn layout(count: usize) -> Layout {
        let row = |at: usize| Line::Row(Symbol::parse(&at.to_string()).expect("a symbol"));
        let mut lines: Vec<Line> = (0..count).map(row).collect();
        lines.insert(2, Line::Section(Section::parse("Tech").expect("a section")));
        Layout::new(lines, Heights { row: 40, section: 30 })
    }

    #[wasm_bindgen_test]
    fn lines_stand_one_below_the_other() {
        let layout = layout(2000);
        assert_eq!(layout.height(), 2000 * 40 + 30);
        let row = |text| Line::Row(Symbol::parse(text).expect("a symbol"));
        assert_eq!((layout.place(&row("1")), layout.top(&row("1"))), (Some(1), Some(40)));
        assert_eq!((layout.place(&row("2")), layout.top(&row("2"))), (Some(3), Some(110)));
        assert_eq!(layout.place(&row("2000")), None);
    }

    #[wasm_bindgen_test]
    fn only_what_is_on_screen_is_between() {
        let layout = layout(2000);
        assert_eq!(layout.between(0, 400), 0..12);
        let middle = layout.between(40_030, 40_830);
        assert_eq!(middle, 1000..1024);
        assert_eq!(layout.between(-900, -100), 0..0);
        assert_eq!(layout.between(80_000, 99_000), 2000..2001);
        assert_eq!(layout.between(90_000, 99_000).len(), 1);
    }

    #[wasm_bindgen_test]
    fn before_it_is_measured_nothing_is_shown() {
        let lines = vec![Line::Row(Symbol::parse("A").expect("a symbol"))];
        assert_eq!(Layout::new(lines, Heights::default()).between(0, 900), 0..0);
    }
}
