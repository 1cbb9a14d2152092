//! A menu button, after the pattern of the ARIA Authoring Practices Guide.

use crate::view::reactive::{Reactive, dynamic, effect, text};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html::{Button, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node};

/// A menu item.
#[derive(Clone)]
pub(crate) struct MenuItem {
    label: &'static str,
    keys: &'static str,
    act: Callback<()>,
}

impl MenuItem {
    pub(crate) fn new(label: &'static str, act: impl Fn() + Send + Sync + 'static) -> Self {
        Self { label, keys: "", act: Callback::new(move |()| act()) }
    }

    /// Adds its shortcut.
    pub(crate) fn keys(mut self, keys: &'static str) -> Self {
        self.keys = keys;
        self
    }
}

/// The button and, while it is open, the menu. `children` is the button's content.
#[component]
pub(crate) fn Menu(
    /// The button's accessible name.
    #[prop(into)]
    label: String,
    #[prop(into)] entries: Callback<(), Vec<MenuItem>>,
    #[prop(default = "icon-button")] class: &'static str,
    /// Whether the button is reached with the tab key.
    #[prop(optional)]
    tabindex: Option<Reactive<String>>,
    /// A heading above the items.
    #[prop(optional)]
    heading: Option<ViewFn>,
    children: Children,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let (menu_ref, button, list) = (NodeRef::<Div>::new(), NodeRef::<Button>::new(), NodeRef::<Div>::new());
    effect(move || {
        if let Some(list) = list.get() {
            step_focus(&list, 0);
        }
    });
    let on_keydown = move |event: KeyboardEvent| {
        let Some(list) = list.get_untracked() else { return };
        match event.key().as_str() {
            "ArrowDown" => step_focus(&list, 1),
            "ArrowUp" => step_focus(&list, -1),
            "Escape" => close(open, button),
            "Tab" => return open.set(false),
            // The element around the menu handles keys too.
            _ => return event.stop_propagation(),
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let on_focusout = move |event: FocusEvent| {
        let into = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        // A row that is removed loses the focus after its signals are disposed.
        if menu_ref.try_get_untracked().flatten().is_some_and(|menu_ref| !menu_ref.contains(into.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <div class="menu" node_ref=menu_ref on:keydown=on_keydown on:focusout=on_focusout>
            <button
                node_ref=button
                type="button"
                class=class
                tabindex=tabindex
                aria-haspopup="menu"
                aria-expanded=text(move || open.get().to_string())
                aria-label=label.clone()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {children()}
            </button>
            {dynamic(move || {
                if !open.get() {
                    return ().into_any();
                }
                let items = entries.run(()).into_iter().map(|entry| view! { <Item entry open button /> }.into_any());
                view! {
                    <div class="menu-panel">
                        {heading.as_ref().map(ViewFn::run)}
                        <div node_ref=list role="menu" aria-label=label.clone()>
                            {items.collect_view()}
                        </div>
                    </div>
                }
                    .into_any()
            })}
        </div>
    }
}

#[component]
fn Item(entry: MenuItem, open: RwSignal<bool>, button: NodeRef<Button>) -> impl IntoView {
    let MenuItem { label, keys, act } = entry;
    view! {
        <button
            type="button"
            class="menu-item"
            role="menuitem"
            tabindex="-1"
            on:click=move |event| {
                event.stop_propagation();
                close(open, button);
                act.run(());
            }
        >
            <span>{label}</span>
            {(!keys.is_empty()).then(|| view! { <kbd aria-hidden="true">{keys}</kbd> })}
        </button>
    }
}

/// Closes the menu and gives the focus back to its button.
fn close(open: RwSignal<bool>, button: NodeRef<Button>) {
    open.set(false);
    if let Some(button) = button.get_untracked() {
        let _ = button.focus();
    }
}

/// Moves the focus among the items, wrapping at the ends; `None` moves to the first.
fn step_focus(list: &web_sys::HtmlDivElement, by: i32) {
    let items = list.children();
    let count = i32::try_from(items.length()).unwrap_or(0);
    let active = document().active_element();
    let held = (0..count).find(|at| items.item(at.unsigned_abs()) == active);
    let next = held.map_or(0, |at| (at + by).rem_euclid(count.max(1)));
    if let Some(item) = items.item(next.unsigned_abs()).and_then(|item| item.dyn_into::<HtmlElement>().ok()) {
        let _ = item.focus();
    }
}
