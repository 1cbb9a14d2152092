//! The table of all shortcuts, by the part of the page in which they work. New shortcuts are listed here.

use crate::texts::shortcuts as t;

/// The shortcuts of a part of the page.
pub(super) struct Area {
    pub(super) title: fn() -> &'static str,
    pub(super) shortcuts: &'static [Shortcut],
}

/// A shortcut: its keys (`+` joins those that are held together), and what it does.
pub(super) struct Shortcut {
    pub(super) keys: &'static [&'static str],
    pub(super) does: fn() -> &'static str,
}

const fn key(keys: &'static [&'static str], does: fn() -> &'static str) -> Shortcut {
    Shortcut { keys, does }
}

pub(super) const AREAS: &[Area] = &[
    Area {
        title: t::everywhere,
        shortcuts: &[
            key(&["/", "Ctrl+K"], t::open_palette),
            key(&["?"], t::open_shortcuts),
            key(&["D"], t::export),
            key(&["Ctrl+V"], t::paste),
            key(&["Esc"], t::close),
        ],
    },
    Area {
        title: t::in_palette,
        shortcuts: &[
            key(&["↑", "↓"], t::mark),
            key(&["Enter"], t::add),
            key(&["Ctrl+Enter"], t::open_page),
            key(&["Tab"], t::other_list),
            key(&[">"], t::only_actions),
            key(&["@"], t::only_lists),
        ],
    },
    Area {
        title: t::in_list,
        shortcuts: &[
            key(&["↑", "↓"], t::next_row),
            key(&["X"], t::select),
            key(&["Ctrl+Space"], t::pick_up),
            key(&["Alt+↑", "Alt+↓"], t::move_row),
            key(&["1–6"], t::flag),
            key(&["E"], t::edit),
            key(&["A"], t::alert),
            key(&["I"], t::info),
            key(&["Delete"], t::remove),
            key(&["Ctrl+Z"], t::undo),
            key(&["Ctrl+Shift+Z"], t::redo),
            key(&["F2"], t::rename),
        ],
    },
];
