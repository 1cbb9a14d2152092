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

    /// By how much what is seen below `from` moves when lines come and go above it. Nothing where lines change their order, as
    /// by sorting, or their heights.
    pub(crate) fn shift_to(&self, after: &Self, from: i32) -> i32 {
        if self.heights != after.heights || from <= 0 {
            return 0;
        }
        let stay = self.lines.iter().filter(|line| after.places.contains_key(line));
        if !stay.eq(after.lines.iter().filter(|line| self.places.contains_key(line))) {
            return 0;
        }
        let first = self.tops.partition_point(|top| *top < from).min(self.lines.len());
        let seen = self.lines[first..].iter().find(|line| after.places.contains_key(line));
        let tops = seen.and_then(|line| self.top(line).zip(after.top(line)));
        tops.map_or(0, |(before, now)| now - before)
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
    fn what_is_seen_stays_where_it_is_while_lines_come_and_go_above() {
        let without = |gone: &[usize]| {
            let mut lines = layout(20).lines().to_vec();
            for at in gone {
                lines.remove(*at);
            }
            Layout::new(lines, Heights { row: 40, section: 30 })
        };
        let (whole, less) = (without(&[]), without(&[5, 0]));
        assert_eq!((whole.shift_to(&less, 400), less.shift_to(&whole, 400)), (-80, 80));
        assert_eq!(whole.shift_to(&without(&[2]), 400), -30);
        assert_eq!(whole.shift_to(&without(&[15]), 400), 0, "below");
        assert_eq!(whole.shift_to(&less, 0), 0, "at the top new lines are seen");
        let mut sorted = whole.lines().to_vec();
        sorted.swap(0, 1);
        assert_eq!(whole.shift_to(&Layout::new(sorted, Heights { row: 40, section: 30 }), 400), 0);
    }

    #[wasm_bindgen_test]
    fn before_it_is_measured_nothing_is_shown() {
        let lines = vec![Line::Row(Symbol::parse("A").expect("a symbol"))];
        assert_eq!(Layout::new(lines, Heights::default()).between(0, 900), 0..0);
    }
}
