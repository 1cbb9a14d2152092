//! The overview of all shortcuts, and the switch for those of a single key.

use super::table::{AREAS, Area, Shortcut};
use crate::components::controls::dialog_header::DialogHeader;
use crate::state::appearance::choices::SingleKeys;
use crate::state::state;
use crate::texts;
use crate::view::reactive::text;
use leptos::prelude::*;

/// Opened by `?`.
#[component]
pub(crate) fn Overview() -> impl IntoView {
    let state = state();
    let keys = state.preferences.keys;
    let is_on = move || keys.get() == SingleKeys::On;
    let is_mac = window().navigator().platform().is_ok_and(|platform| platform.contains("Mac"));
    let areas = AREAS.iter().map(|area| view_of(area, is_mac));
    view! {
        <DialogHeader title=texts::shortcuts::title() close=texts::shortcuts::close_overview() />
        <div class="shortcuts" tabindex="0" role="group" aria-labelledby="tool-title">
            {areas.collect_view()}
        </div>
        <div class="shortcuts-switch">
            <p id="single-keys">
                <b>{texts::shortcuts::single_keys()}</b>
                <span class="muted">{texts::shortcuts::single_keys_hint()}</span>
            </p>
            <button
                class="switch"
                type="button"
                role="switch"
                aria-labelledby="single-keys"
                aria-checked=text(move || is_on().to_string())
                on:click=move |_| keys.next()
            ></button>
        </div>
    }
}

fn view_of(area: &'static Area, is_mac: bool) -> AnyView {
    let rows = area.shortcuts.iter().map(|shortcut| row(shortcut, is_mac));
    view! {
        <section>
            <h3>{(area.title)()}</h3>
            <dl>{rows.collect_view()}</dl>
        </section>
    }
    .into_any()
}

fn row(shortcut: &'static Shortcut, is_mac: bool) -> AnyView {
    let ways = shortcut.keys.iter().map(|way| {
        let keys = way.split('+').map(|key| view! { <kbd>{name(key, is_mac)}</kbd> }.into_any());
        view! { <span class="shortcut-way">{keys.collect_view()}</span> }.into_any()
    });
    view! {
        <div class="shortcut">
            <dt>{(shortcut.does)()}</dt>
            <dd>{ways.collect_view()}</dd>
        </div>
    }
    .into_any()
}

/// A key as it is printed on the keyboard.
fn name(key: &'static str, is_mac: bool) -> &'static str {
    match key {
        "Ctrl" if is_mac => "⌘",
        "Alt" if is_mac => "⌥",
        "Ctrl" => texts::shortcuts::ctrl(),
        "Delete" => texts::shortcuts::delete(),
        "Shift" => texts::shortcuts::shift(),
        "Space" => texts::shortcuts::space(),
        key => key,
    }
}
