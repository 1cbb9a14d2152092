//! The columns of the table: which are chosen, in what order, and which of them there is room for. Stored in this
//! browser.

use super::column::Column;
use crate::state::local_storage;
use crate::view::reactive::memo;
use leptos::prelude::*;

const KEY: &str = "watchtape.columns";

/// What a phone has room for.
const PHONE: &[Column] = &[Column::Spark, Column::Price, Column::Change, Column::Age];

/// The columns around the others, in tenths of a `rem`: the security's name, and the actions with the edges.
const FRAME: u32 = 130 + 65 + 15;
const GAP: u32 = 10;

/// The chosen columns.
#[derive(Clone, Copy)]
pub(crate) struct Columns {
    chosen: RwSignal<Vec<Column>>,
    room: RwSignal<Room>,
    shown: Memo<Vec<Column>>,
}

/// How wide the table is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// A phone's: every row is a few lines, laid out by the style sheet.
    Narrow,
    /// Its width, in tenths of a `rem`.
    Wide(u32),
}

impl Columns {
    pub(in crate::state) fn load() -> Self {
        let chosen = RwSignal::new(local_storage::read(KEY).map_or_else(default, |stored| read(&stored)));
        let room = RwSignal::new(Room::Wide(1200));
        Self { chosen, room, shown: memo(move |_| chosen.with(|chosen| fit(chosen, room.get()))) }
    }

    /// The chosen columns, whether or not there is room for them.
    pub(crate) fn chosen(self) -> Vec<Column> {
        self.chosen.get()
    }

    /// The shown columns, in order.
    pub(crate) fn shown(self) -> Memo<Vec<Column>> {
        self.shown
    }

    /// The tracks of the grid.
    pub(crate) fn template(self) -> String {
        let mut tracks = "minmax(13rem,2fr)".to_owned();
        self.shown.with(|shown| shown.iter().for_each(|column| tracks += column.track()));
        tracks + " 6.5rem"
    }

    pub(crate) fn set_room(self, room: Room) {
        if self.room.get_untracked() != room {
            self.room.set(room);
        }
    }

    /// Adds a column at the end, or removes it.
    pub(crate) fn toggle(self, column: Column) {
        self.change(|chosen| {
            let count = chosen.len();
            chosen.retain(|held| *held != column);
            if chosen.len() == count {
                chosen.push(column);
            }
        });
    }

    /// Moves a column one place towards the start (`false`) or the end.
    pub(crate) fn shift(self, column: Column, on: bool) {
        self.change(|chosen| {
            let Some(at) = chosen.iter().position(|held| *held == column) else { return };
            let to = if on { at + 1 } else { at.wrapping_sub(1) };
            if to < chosen.len() {
                chosen.swap(at, to);
            }
        });
    }

    /// Resets to the default columns.
    pub(crate) fn reset(self) {
        self.change(|chosen| *chosen = default());
    }

    fn change(self, change: impl FnOnce(&mut Vec<Column>)) {
        self.chosen.update(change);
        local_storage::write(KEY, &self.chosen.with_untracked(|chosen| written(chosen)));
    }
}

fn default() -> Vec<Column> {
    Column::ALL[..Column::DEFAULT].iter().map(|entry| entry.0).collect()
}

fn written(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.name()).collect();
    names.join(" ")
}

/// Parses names; unknown ones, of another version, are skipped.
fn read(stored: &str) -> Vec<Column> {
    let mut columns = Vec::new();
    for name in stored.split(' ') {
        match Column::ALL.iter().find(|entry| entry.1 == name) {
            Some(entry) if !columns.contains(&entry.0) => columns.push(entry.0),
            _ => {}
        }
    }
    columns
}

/// The columns that fit; the last chosen are left out first.
fn fit(chosen: &[Column], room: Room) -> Vec<Column> {
    let Room::Wide(width) = room else { return PHONE.to_vec() };
    let mut left = width.saturating_sub(FRAME);
    let fits = |column: &&Column| {
        let needed = column.entry().2 + GAP;
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    };
    chosen.iter().take_while(fits).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn what_was_chosen_is_remembered_in_its_order() {
        let chosen = [Column::Note, Column::Price, Column::Close];
        assert_eq!(read(&written(&chosen)), chosen);
        assert_eq!(read("price confetti price age"), [Column::Price, Column::Age]);
        assert_eq!(read(""), []);
    }

    #[wasm_bindgen_test]
    fn the_last_go_where_there_is_no_room() {
        let chosen = default();
        assert_eq!(fit(&chosen, Room::Wide(1200)), chosen);
        assert_eq!(fit(&chosen, Room::Wide(400)), [Column::Price, Column::Change]);
        assert_eq!(fit(&chosen, Room::Wide(0)), []);
        assert_eq!(fit(&chosen, Room::Narrow), PHONE);
    }
}
