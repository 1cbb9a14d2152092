//! The marks that alerts wait for on one signal, sorted.

use super::rule::{Mark, Reading};
use std::collections::BTreeSet;

/// A mark and the slot of its alert, in 12 bytes: the order is that of the mark, then the slot.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    // The mark in two halves, as an i64 would align the whole to 8 bytes.
    upper: i32,
    lower: u32,
    slot: u32,
}

impl Point {
    fn new(mark: i64, slot: u32) -> Self {
        Self { upper: (mark >> 32) as i32, lower: mark as u32, slot }
    }
}

/// The marks of one signal.
#[derive(Default)]
pub(super) struct Points {
    up: BTreeSet<Point>,
    down: BTreeSet<Point>,
}

impl Points {
    pub(super) fn insert(&mut self, mark: Mark, slot: u32) {
        match mark {
            Mark::Up(mark) => self.up.insert(Point::new(mark, slot)),
            Mark::Down(mark) => self.down.insert(Point::new(mark, slot)),
        };
    }

    pub(super) fn remove(&mut self, mark: Mark, slot: u32) {
        match mark {
            Mark::Up(mark) => self.up.remove(&Point::new(mark, slot)),
            Mark::Down(mark) => self.down.remove(&Point::new(mark, slot)),
        };
    }

    /// Adds the slots whose marks the reading passes.
    pub(super) fn passed(&self, reading: Reading, slots: &mut Vec<u32>) {
        // Mostly nothing is passed, and the first entry of each shows it.
        slots.extend(self.up.range(..=Point::new(reading.floor, u32::MAX)).map(|point| point.slot));
        slots.extend(self.down.range(Point::new(reading.ceil, 0)..).map(|point| point.slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_order_as_their_numbers_and_are_passed_from_either_way() {
        let mut points = Points::default();
        let marks = [i64::MIN, -5_000_000_000, -1, 0, 1, u32::MAX.into(), 5_000_000_000, i64::MAX];
        for (slot, mark) in (0..).zip(marks) {
            points.insert(Mark::Up(mark), slot);
            points.insert(Mark::Down(mark), 100 + slot);
        }
        let mut slots = Vec::new();
        points.passed(Reading::exactly(0), &mut slots);
        assert_eq!(slots, [0, 1, 2, 3, 103, 104, 105, 106, 107]);
        for (slot, mark) in (0..).zip(marks) {
            points.remove(Mark::Up(mark), slot);
            points.remove(Mark::Down(mark), 100 + slot);
        }
        assert!(points.up.is_empty() && points.down.is_empty());
    }
}
