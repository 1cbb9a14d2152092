//! Virtual scrolling: the lines in the page are those on screen, half a screen on either side, and the one with the
//! focus. One scroll listener, and at most one update a frame.

pub(crate) mod layout;

use crate::state::State;
use crate::state::appearance::columns::Room;
use crate::state::lists::rows::line::Line;
use crate::view::reactive::{effect, memo};
use layout::{Heights, Layout};
use leptos::html::Div;
use leptos::prelude::*;
use std::sync::Arc;
use watchtape_shared::Symbol;

/// Where a row is a few lines: as in the style sheet.
const NARROW: &str = "(width < 46rem)";

/// The part of the table that is on screen.
#[derive(Clone, Copy)]
pub(crate) struct Viewport {
    state: State,
    /// Holds the lines.
    pub(crate) body: NodeRef<Div>,
    /// As tall as a row, and as wide as a `rem`.
    pub(crate) row_probe: NodeRef<Div>,
    pub(crate) section_probe: NodeRef<Div>,
    heights: RwSignal<Heights>,
    layout: Memo<Arc<Layout>>,
    entry: Memo<Option<Line>>,
    lines: Memo<Vec<Line>>,
    /// From where to where the screen reaches, in pixels from the top of the lines.
    screen: RwSignal<(i32, i32)>,
    /// How much of the screen the page's header covers, in pixels.
    covered: RwSignal<i32>,
    frame_asked: StoredValue<bool>,
    /// By how much what is on screen has moved since the last frame.
    shift: StoredValue<i32>,
}

impl Viewport {
    /// Follows the page for as long as the component that makes it is there.
    pub(crate) fn follow(state: State) -> Self {
        let heights = RwSignal::new(Heights::default());
        let screen = RwSignal::new((0, 0));
        let layout = memo(move |_| Arc::new(Layout::new(state.rows.lines().get(), heights.get())));
        let entry = memo(move |_| {
            let visited = state.rows.visited().get();
            layout.with(|layout| {
                visited.filter(|line| layout.place(line).is_some()).or_else(|| layout.lines().first().cloned())
            })
        });
        let lines = memo(move |_| layout.with(|layout| lines_of(layout, screen.get(), entry.get())));
        let viewport = Self {
            state,
            body: NodeRef::new(),
            row_probe: NodeRef::new(),
            section_probe: NodeRef::new(),
            heights,
            layout,
            entry,
            lines,
            screen,
            covered: RwSignal::new(0),
            frame_asked: StoredValue::new(false),
            shift: StoredValue::new(0),
        };
        let scrolled = window_event_listener(leptos::ev::scroll, move |_| viewport.update_next_frame(0));
        let resized = window_event_listener(leptos::ev::resize, move |_| viewport.measure());
        on_cleanup(move || {
            scrolled.remove();
            resized.remove();
        });
        effect(move || {
            // Another density is other heights; and so it is measured once the table is there.
            state.preferences.density.get();
            if viewport.body.get().is_some() {
                viewport.measure();
            }
        });
        // Lines that came or went may have moved the page under the screen.
        let mut before = layout.get_untracked();
        effect(move || {
            let was = std::mem::replace(&mut before, layout.get());
            viewport.update_next_frame(was.shift_to(&before, screen.get_untracked().0));
        });
        viewport
    }

    /// The lines that are in the page, from the top.
    pub(crate) fn lines(self) -> Memo<Vec<Line>> {
        self.lines
    }

    /// `0` for the line that the tab key leads to.
    pub(crate) fn tabindex(self, line: &Line) -> &'static str {
        if self.entry.with(|entry| entry.as_ref() == Some(line)) { "0" } else { "-1" }
    }

    /// How far a line is from the top, as style sheets write it.
    pub(crate) fn top(self, line: &Line) -> Option<String> {
        self.layout.with(|layout| layout.top(line)).map(pixels)
    }

    /// The line's number for assistive technology, which counts from 1 and counts the header.
    pub(crate) fn number(self, line: &Line) -> String {
        let place = self.layout.with(|layout| layout.place(line));
        place.map_or_else(String::new, |place| (place + 2).to_string())
    }

    pub(crate) fn count(self) -> usize {
        self.layout.with(|layout| layout.lines().len())
    }

    pub(crate) fn height(self) -> String {
        pixels(self.layout.with(|layout| layout.height()))
    }

    pub(crate) fn covered(self) -> String {
        pixels(self.covered.get())
    }

    /// How many rows a screen holds, less one to go on from.
    pub(crate) fn page(self) -> isize {
        let (from, to) = self.screen.get_untracked();
        let row = self.layout.with_untracked(|layout| layout.row_height()).max(1);
        isize::try_from((to - from) / row - 1).unwrap_or(1).max(1)
    }

    /// The symbols of these lines.
    pub(crate) fn symbols(lines: &[Line]) -> Vec<Symbol> {
        lines.iter().filter_map(Line::symbol).collect()
    }

    fn measure(self) {
        let (Some(body), Some(row), Some(section)) =
            (self.body.get_untracked(), self.row_probe.get_untracked(), self.section_probe.get_untracked())
        else {
            return;
        };
        let narrow = window().match_media(NARROW).ok().flatten().is_some_and(|query| query.matches());
        let rem = row.offset_width().max(1);
        let room = if narrow { Room::Narrow } else { Room::Wide((body.client_width() * 10 / rem).unsigned_abs()) };
        self.state.columns.set_room(room);
        let heights = Heights { row: row.offset_height(), section: section.offset_height() };
        if self.heights.get_untracked() != heights {
            self.heights.set(heights);
        }
        let header = document().query_selector(".topbar").ok().flatten();
        self.covered.set(header.map_or(0, |header| header.client_height()));
        self.update();
    }

    /// Finds in the next frame what is on screen, after the page was scrolled by `shift`, so that it is the same as before.
    fn update_next_frame(self, shift: i32) {
        self.shift.update_value(|held| *held += shift);
        if !self.frame_asked.get_value() {
            self.frame_asked.set_value(true);
            request_animation_frame(move || {
                // The table may have gone meanwhile.
                if self.frame_asked.try_set_value(false).is_none() {
                    if let Some(shift) = self.shift.try_update_value(std::mem::take).filter(|shift| *shift != 0) {
                        window().scroll_by_with_x_and_y(0.0, shift.into());
                    }
                    self.update();
                }
            });
        }
    }

    fn update(self) {
        let Some(body) = self.body.get_untracked() else { return };
        let top = body.get_bounding_client_rect().top() as i32;
        let height = document().document_element().map_or(0, |page| page.client_height());
        let screen = (self.covered.get_untracked() - top, height - top);
        if self.screen.get_untracked() != screen {
            self.screen.set(screen);
        }
    }
}

/// The lines on screen, half a screen on either side, and the one that the tab key leads to.
fn lines_of(layout: &Layout, (from, to): (i32, i32), entry: Option<Line>) -> Vec<Line> {
    let margin = (to - from) / 2;
    let range = layout.between(from - margin, to + margin);
    let mut lines = layout.lines()[range.clone()].to_vec();
    if let Some(entry) = entry.filter(|_| layout.row_height() > 0) {
        match layout.place(&entry) {
            Some(place) if place < range.start => lines.insert(0, entry),
            Some(place) if place >= range.end => lines.push(entry),
            _ => {}
        }
    }
    lines
}

fn pixels(count: i32) -> String {
    let mut text = count.to_string();
    text.push_str("px");
    text
}
