//! The details of one price: age, source and mode, whether it is stale or its exchange closed, why it is missing, and
//! the session's figures. Loaded when it is first opened.
//!
//! One element serves all rows, in the browser's top layer. Opened by pointer it is only shown; opened by key or tap it
//! takes the focus, and gives it back.

mod details;

use crate::components::controls::icon::{self, Icon};
use crate::state::prices::price_card::OpenedBy;
use crate::state::{State, state};
use crate::texts::price;
use crate::view::focus;
use crate::view::reactive::{dynamic, effect};
use leptos::ev::{FocusEvent, KeyboardEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use watchtape_shared::Symbol;
use web_sys::{HtmlElement, Node};

/// Between the price and the card, in pixels.
const GAP: f64 = 6.0;

/// The card, while it is open.
#[component]
pub(crate) fn PriceCard() -> impl IntoView {
    let state = state();
    let card = state.price_card;
    let card_ref = NodeRef::<Div>::new();
    effect(move || {
        let (Some(card_ref), open) = (card_ref.get(), card.open().get()) else { return };
        match open {
            Some((symbol, opened_by)) => show(&card_ref, symbol, opened_by),
            None => {
                let _ = card_ref.hide_popover();
            }
        }
    });
    let scrolled = window_event_listener(leptos::ev::scroll, move |_| card.close());
    let pressed = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && matches!(card.open().get_untracked(), Some((_, OpenedBy::Pointer))) {
            card.close();
        }
    });
    on_cleanup(move || {
        scrolled.remove();
        pressed.remove();
    });
    let on_keydown = move |event: KeyboardEvent| {
        if matches!(event.key().as_str(), "Escape" | "i") {
            event.prevent_default();
            event.stop_propagation();
            leave(state);
        }
    };
    let on_focusout = move |event: FocusEvent| {
        let into = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        if card_ref.get_untracked().is_some_and(|card_ref| !card_ref.contains(into.as_ref())) {
            card.close();
        }
    };
    view! {
        <div
            node_ref=card_ref
            class="price-card"
            popover="manual"
            role="dialog"
            aria-labelledby="price-card-title"
            tabindex="-1"
            on:keydown=on_keydown
            on:focusout=on_focusout
            on:pointerenter=move |_| card.point(card.open().get_untracked().map(|open| open.0))
            on:pointerleave=move |_| card.point(None)
        >
            {dynamic(move || {
                let Some((symbol, _)) = card.open().get() else { return ().into_any() };
                view! {
                    <header>
                        <h2 id="price-card-title">{price::about(&symbol)}</h2>
                        <button class="icon-button" type="button" aria-label=price::close() on:click=move |_| leave(state)>
                            <Icon path=icon::CLOSE />
                        </button>
                    </header>
                    {details::view(state, symbol)}
                }
                    .into_any()
            })}
        </div>
    }
}

/// Closes the card and gives the focus back to the row.
fn leave(state: State) {
    let open = state.price_card.open().get_untracked();
    state.price_card.close();
    if let Some((symbol, OpenedBy::Key)) = open {
        focus::row(symbol);
    }
}

/// Positions the card beside its price. Without enough room, CSS places it.
fn show(card_ref: &HtmlElement, symbol: Symbol, opened_by: OpenedBy) {
    // It may be open already, for another row.
    let _ = card_ref.show_popover();
    let mut selector = "[role=row][data-symbol='".to_owned();
    selector.push_str(symbol.as_str());
    selector.push_str("'] .column-price");
    if let Some(anchor) = document().query_selector(&selector).ok().flatten() {
        let place = anchor.get_bounding_client_rect();
        let (width, height) = (f64::from(card_ref.offset_width()), f64::from(card_ref.offset_height()));
        let page = document().document_element();
        let (wide, tall) = page.map_or((0.0, 0.0), |page| (page.client_width().into(), page.client_height().into()));
        let left = (place.right() - width).clamp(GAP, f64::max(GAP, wide - width - GAP));
        let below = place.bottom() + GAP;
        let top = if below + height > tall { place.top() - height - GAP } else { below };
        let style = card_ref.style();
        for (name, value) in [("--left", left), ("--top", f64::max(GAP, top))] {
            let mut pixels = (value as i32).to_string();
            pixels.push_str("px");
            let _ = style.set_property(name, &pixels);
        }
    }
    if opened_by == OpenedBy::Key {
        let _ = card_ref.focus();
    }
}
