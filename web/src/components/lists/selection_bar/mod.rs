//! The actions for the selected rows, at the foot of the window.

use crate::components::controls::icon::{self, Icon};
use crate::i18n::flag;
use crate::state::lists::watchlists::ListsState;
use crate::state::{State, state};
use crate::texts;
use crate::view::listener;
use crate::view::reactive::{dynamic, effect, memo, text};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::WatchlistId;
use watchtape_shared::watchlist::Flag;
use web_sys::HtmlElement;

/// Between the bar and what stands above it, in pixels.
const GAP: i32 = 8;

/// The bar. Its choices are native selects: they open over everything, and on phones in the phone's own way.
#[component]
pub(crate) fn SelectionBar() -> impl IntoView {
    let state = state();
    let is_open = memo(move |_| !state.selection.is_empty());
    dynamic(move || if is_open.get() { view! { <Bar /> }.into_any() } else { ().into_any() })
}

#[component]
fn Bar() -> impl IntoView {
    let state = state();
    let selection = state.selection;
    let chosen = move || untrack(|| selection.symbols());
    let count = move || selection.symbols().len();
    let hand_over = move |value: &str, moves: bool| {
        if let Ok(to) = WatchlistId::parse(value) {
            state.open_list.copy_or_move_to(&chosen(), to, moves);
            selection.clear();
        }
    };
    let lists = move || others(state);
    let bar = NodeRef::<Div>::new();
    let make_room = move || cover_foot(bar.get_untracked().map(|bar| bar.offset_height()));
    effect(move || {
        bar.track();
        make_room();
    });
    listener::capture("resize", move |_| make_room());
    on_cleanup(|| cover_foot(None));
    view! {
        <div class="selection-bar-room"></div>
        <div class="selection-bar" node_ref=bar role="toolbar" aria-label=texts::item::chosen()>
            <span class="selection-count" role="status">
                {text(move || texts::item::count(&count()))}
            </span>
            <Choice
                label=texts::item::move_to()
                options=lists()
                on_choose=Callback::new(move |value: String| hand_over(&value, true))
            />
            <Choice
                label=texts::item::copy_to()
                options=lists()
                on_choose=Callback::new(move |value: String| hand_over(&value, false))
            />
            <Choice
                label=texts::item::flag_as()
                options=flags()
                on_choose=Callback::new(move |value: String| {
                    let flag = Flag::ALL.into_iter().find(|flag| flag.as_str() == value);
                    state.open_list.edit(&chosen(), |marks| marks.flag = flag);
                })
            />
            <button class="button" type="button" on:click=move |_| state.editing.edit(chosen())>
                {texts::item::section_to()}
            </button>
            <button
                class="button"
                type="button"
                on:click=move |_| {
                    state.open_list.remove_all(&chosen());
                    selection.clear();
                }
            >
                {texts::item::remove()}
            </button>
            <button
                class="icon-button"
                type="button"
                aria-label=texts::item::choose_none()
                title=texts::item::choose_none()
                on:click=move |_| selection.clear()
            >
                <Icon path=icon::CLOSE />
            </button>
        </div>
    }
}

/// Tells the styles how much of the window's foot is covered, in pixels: messages stand above the bar, and the last row can be
/// scrolled out from under it.
fn cover_foot(height: Option<i32>) {
    let page = document().document_element().and_then(|page| page.dyn_into::<HtmlElement>().ok());
    let Some(style) = page.map(|page| page.style()) else { return };
    let _ = match height {
        Some(height) => style.set_property("--foot", &((height + GAP).to_string() + "px")),
        None => style.remove_property("--foot").map(drop),
    };
}

/// A select that carries out its choice and then shows its label again.
#[component]
fn Choice(label: &'static str, options: Vec<(String, String)>, on_choose: Callback<String>) -> impl IntoView {
    let is_empty = options.is_empty();
    let options = options.into_iter().map(|(value, name)| view! { <option value=value>{name}</option> }.into_any());
    let choose = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        event_target::<web_sys::HtmlSelectElement>(&event).set_value("");
        on_choose.run(value);
    };
    view! {
        <select class="button selection-bar-choice" aria-label=label disabled=is_empty on:change=choose>
            <option value="" selected disabled hidden>
                {label}
            </option>
            {options.collect_view()}
        </select>
    }
}

/// Every list but the open one.
fn others(state: State) -> Vec<(String, String)> {
    let open = state.open_list.id().get_untracked();
    state.lists.state().with(|lists| match lists {
        ListsState::Ready(lists) => lists
            .iter()
            .filter(|list| Some(&list.id) != open.as_ref())
            .map(|list| (list.id.to_string(), list.name.to_string()))
            .collect(),
        _ => Vec::new(),
    })
}

fn flags() -> Vec<(String, String)> {
    let named = Flag::ALL.into_iter().map(|colour| (colour.as_str().to_owned(), flag::name(colour).to_owned()));
    named.chain([("none".to_owned(), texts::changes::no_flag().to_owned())]).collect()
}
