//! The heading of a section: its name, which folds it, the number of securities, and their average change.

use super::viewport::Viewport;
use crate::components::controls::icon::{self, Icon};
use crate::format::change::{self, Trend};
use crate::state::lists::rows::line::Line;
use crate::state::state;
use crate::texts;
use crate::view::reactive::{attribute, memo, text};
use leptos::prelude::*;
use watchtape_shared::Change;
use watchtape_shared::text::Section;

/// A heading line of the table.
#[component]
#[expect(clippy::needless_pass_by_value, reason = "the properties of a component are owned")]
pub(crate) fn SectionRow(section: Section, viewport: Viewport) -> impl IntoView {
    let rows = state().rows;
    let clock = state().clock;
    let line = Line::Section(section.clone());
    let [top, number, tab] = [(); 3].map(|()| line.clone());
    let [folded, pressed, summed] = [(); 3].map(|()| section.clone());
    let name = section.to_string();
    let mut data_line = "/".to_owned();
    data_line.push_str(&name);
    // Updated once a second: a heading that changes with every tick is unreadable.
    let summary = memo(move |_| {
        clock.now_ms();
        rows.summary(&summed)
    });
    let average = move || summary.get().1.map(average_of);
    let class = move || {
        let direction = average().map_or("flat", |change| Trend::of(change.micros).class());
        let mut class = "section-average ".to_owned();
        class.push_str(direction);
        class
    };
    view! {
        <div
            role="row"
            class="section-row"
            data-line=data_line
            aria-rowindex=text(move || viewport.number(&number))
            style:top=attribute(move || viewport.top(&top))
        >
            <div role="rowheader" class="section-name">
                <button
                    class="fold"
                    type="button"
                    tabindex=text(move || viewport.tabindex(&tab))
                    aria-expanded=text(move || (!rows.is_folded(&folded)).to_string())
                    on:click=move |_| rows.fold(&pressed)
                >
                    <Icon path=icon::CHEVRON />
                    <bdi>{name}</bdi>
                </button>
            </div>
            <div role="gridcell" class="section-count">
                {text(move || texts::count(summary.get().0, texts::list::section_one, texts::list::section_many))}
            </div>
            <div role="gridcell" class=text(class)>
                {text(move || {
                    average().map_or_else(String::new, |change| texts::list::section_average(&change::percent(change)))
                })}
            </div>
        </div>
    }
}

/// Basis points as a change, whose sign is theirs.
fn average_of(basis_points: i64) -> Change {
    Change { micros: basis_points, basis_points }
}
