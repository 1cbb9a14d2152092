//! The actions of the command palette: one table of their names, shortcuts and effects.

use super::name_match;
use crate::state::State;
use crate::state::appearance::choices::{ChangeStyle, Choice, Density, Motion, Palette, SingleKeys, Theme};
use crate::state::appearance::stored_choice::Preference;
use crate::state::lists::editing_tools::ListTask;
use crate::state::shell::dialogs::DialogKind;
use crate::state::undo_stack::Direction;
use crate::{route, texts};
use leptos::prelude::{GetUntracked, untrack};
use watchtape_shared::WatchlistId;
use watchtape_shared::text::ListName;
use watchtape_shared::transfer::Format;

/// An action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    NewList,
    RenameList,
    DeleteList,
    Import,
    Export(Format),
    Undo,
    Change(ChangeStyle),
    Density(Density),
    Theme(Theme),
    Palette(Palette),
    Motion(Motion),
    SingleKeys(SingleKeys),
    Alerts,
    Shortcuts,
    Account,
    SignOut,
}

use Action as A;

/// Every action, in display order.
const ALL: &[Action] = &[
    A::Undo,
    A::Import,
    A::Export(Format::Csv),
    A::Export(Format::Txt),
    A::Export(Format::Json),
    A::NewList,
    A::RenameList,
    A::DeleteList,
    A::Change(ChangeStyle::Percent),
    A::Change(ChangeStyle::Amount),
    A::Density(Density::Comfortable),
    A::Density(Density::Dense),
    A::Theme(Theme::System),
    A::Theme(Theme::Light),
    A::Theme(Theme::Dark),
    A::Palette(Palette::Classic),
    A::Palette(Palette::Distinct),
    A::Palette(Palette::Reversed),
    A::Motion(Motion::Lively),
    A::Motion(Motion::Calm),
    A::SingleKeys(SingleKeys::On),
    A::SingleKeys(SingleKeys::Off),
    A::Alerts,
    A::Shortcuts,
    A::Account,
    A::SignOut,
];

impl Action {
    /// Its name.
    pub(crate) fn label(self) -> &'static str {
        use texts::palette as t;
        match self {
            A::NewList => t::new_list(),
            A::RenameList => t::rename_list(),
            A::DeleteList => t::delete_list(),
            A::Import => t::import(),
            A::Export(Format::Csv) => t::export_csv(),
            A::Export(Format::Txt) => t::export_txt(),
            A::Export(Format::Json) => t::export_json(),
            A::Undo => t::undo(),
            A::Change(ChangeStyle::Percent) => t::change_percent(),
            A::Change(ChangeStyle::Amount) => t::change_amount(),
            A::Density(Density::Comfortable) => t::rows_comfortable(),
            A::Density(Density::Dense) => t::rows_dense(),
            A::Theme(Theme::System) => t::theme_system(),
            A::Theme(Theme::Light) => t::theme_light(),
            A::Theme(Theme::Dark) => t::theme_dark(),
            A::Palette(Palette::Classic) => t::colours_classic(),
            A::Palette(Palette::Distinct) => t::colours_distinct(),
            A::Palette(Palette::Reversed) => t::colours_reversed(),
            A::Motion(Motion::Lively) => t::motion_lively(),
            A::Motion(Motion::Calm) => t::motion_calm(),
            A::SingleKeys(SingleKeys::On) => t::keys_on(),
            A::SingleKeys(SingleKeys::Off) => t::keys_off(),
            A::Alerts => t::alerts_page(),
            A::Shortcuts => t::shortcuts(),
            A::Account => t::account(),
            A::SignOut => t::sign_out(),
        }
    }

    /// Its shortcut.
    pub(crate) fn keys(self) -> &'static str {
        match self {
            A::Export(Format::Csv) => "D",
            A::Shortcuts => "?",
            _ => "",
        }
    }

    /// Carries it out.
    pub(crate) fn run(self, state: State) {
        let preferences = state.preferences;
        match self {
            A::NewList => ask(state, |_| Some(ListTask::Create)),
            A::RenameList => ask(state, |open| open.map(|(id, name)| ListTask::Rename(id, name))),
            A::DeleteList => ask(state, |open| open.map(|(id, name)| ListTask::Delete(id, name))),
            A::Import => state.dialogs.open(DialogKind::Import),
            A::Export(format) => state.export(format),
            A::Undo => state.undo_or_redo(Direction::Undo),
            A::Change(choice) => preferences.change.set(choice),
            A::Density(choice) => preferences.density.set(choice),
            A::Theme(choice) => preferences.theme.set(choice),
            A::Palette(choice) => preferences.palette.set(choice),
            A::Motion(choice) => preferences.motion.set(choice),
            A::SingleKeys(choice) => preferences.keys.set(choice),
            A::Shortcuts => state.dialogs.open(DialogKind::Shortcuts),
            A::Alerts => state.location.go(route::ALERTS),
            A::Account => state.location.go(route::ACCOUNT),
            A::SignOut => state.log_out(),
        }
    }

    /// Whether it would change anything now.
    fn is_available(self, state: State) -> bool {
        let preferences = state.preferences;
        match self {
            A::Undo => state.undo_stack.can_undo(state.open_list.id().get_untracked().as_ref()),
            A::Import | A::Export(_) | A::RenameList | A::DeleteList => state.open_list.id().get_untracked().is_some(),
            A::Change(choice) => differs(preferences.change, choice),
            A::Density(choice) => differs(preferences.density, choice),
            A::Theme(choice) => differs(preferences.theme, choice),
            A::Palette(choice) => differs(preferences.palette, choice),
            A::Motion(choice) => differs(preferences.motion, choice),
            A::SingleKeys(choice) => differs(preferences.keys, choice),
            _ => true,
        }
    }
}

/// Opens the list dialog, which is on the list page.
fn ask(state: State, task: fn(Option<(WatchlistId, ListName)>) -> Option<ListTask>) {
    let id = state.open_list.id().get_untracked();
    state.location.go(&id.as_ref().map_or_else(|| route::HOME.into(), route::list));
    let open = id.and_then(|id| untrack(|| state.lists.name(&id)).map(|name| (id, name)));
    if let Some(task) = task(open) {
        state.editing.ask(task);
    }
}

/// The actions that would change something now and whose names match these words.
pub(crate) fn find(state: State, words: &str) -> Vec<Action> {
    ALL.iter()
        .copied()
        .filter(|action| action.is_available(state) && name_match::matches(action.label(), words))
        .collect()
}

fn differs<C: Choice>(chosen: Preference<C>, choice: C) -> bool {
    untrack(|| chosen.get()) != choice
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn every_action_is_offered_once() {
        for (at, action) in ALL.iter().enumerate() {
            assert!(!ALL[..at].contains(action), "{action:?}");
        }
    }
}
