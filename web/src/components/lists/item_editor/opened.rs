//! What the editor opens with: the items' heading, their annotations, and the sections that there are.

use crate::state::State;
use crate::state::lists::open_list::annotations::Annotations;
use leptos::prelude::*;
use watchtape_shared::Symbol;

/// The heading of the dialog, and the items' common annotations.
pub(super) fn opened(state: State, symbols: &[Symbol]) -> (String, String, Annotations) {
    state.open_list.items().with_untracked(|items| {
        let mut chosen = items.iter().filter(|item| symbols.contains(&item.symbol));
        let Some(first) = chosen.next() else { return Default::default() };
        let mut marks = Annotations::of(first);
        if symbols.len() == 1 {
            return (first.symbol.to_string(), first.name.clone(), marks);
        }
        marks.note = None;
        for item in chosen {
            marks.flag = marks.flag.filter(|flag| item.flag == Some(*flag));
            marks.section = marks.section.filter(|section| item.section.as_ref() == Some(section));
        }
        (crate::state::lists::open_list::commit::describe(symbols), String::new(), marks)
    })
}

/// The existing sections.
pub(super) fn sections(state: State) -> AnyView {
    let mut names = Vec::new();
    state.open_list.items().with_untracked(|items| {
        for section in items.iter().filter_map(|item| item.section.as_ref()) {
            let name = section.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    });
    names.into_iter().map(|name| view! { <option value=name></option> }.into_any()).collect_view().into_any()
}
