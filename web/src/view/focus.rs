//! Moves the keyboard's focus to elements of other components.

use js_sys::{Function, Object, Reflect};
use leptos::prelude::*;
use leptos::task::{spawn_local, tick};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use watchtape_shared::{Symbol, WatchlistId};
use web_sys::{Element, HtmlElement, HtmlInputElement, ScrollIntoViewOptions, ScrollLogicalPosition};

/// Where the focus goes when where it was is gone.
const ELSEWHERE: &str = "[role=row][tabindex='0'], #main";

fn find(selector: &str) -> Option<HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

fn show(element: &HtmlElement) {
    let options = ScrollIntoViewOptions::new();
    options.set_block(ScrollLogicalPosition::Nearest);
    options.set_inline(ScrollLogicalPosition::Nearest);
    element.scroll_into_view_with_scroll_into_view_options(&options);
}

/// Scrolls the element of a selector into view, after the next update of the page.
pub(crate) fn reveal(selector: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = find(selector) {
            show(&element);
        }
    });
}

/// Scrolls what an element lies in sideways until the element is in view, after the next update of the page.
pub(crate) fn reveal_sideways(selector: &'static str) {
    request_animation_frame(move || {
        let Some(element) = find(selector) else { return };
        let Some(strip) = element.parent_element() else { return };
        let (inner, outer) = (element.get_bounding_client_rect(), strip.get_bounding_client_rect());
        let by = match () {
            () if inner.left() < outer.left() => inner.left() - outer.left(),
            () if inner.right() > outer.right() => inner.right() - outer.right(),
            () => return,
        };
        strip.set_scroll_left(strip.scroll_left() + by.round() as i32);
    });
}

/// Focuses the element of a selector after the next update of the page, and before the next key event, so that keys in
/// quick succession all arrive.
fn after_update(selector: String) {
    spawn_local(async move {
        tick().await;
        if !take(&selector) {
            request_animation_frame(move || {
                take(&selector);
            });
        }
    });
}

fn take(selector: &str) -> bool {
    let Some(element) = find(selector) else { return false };
    show(&element);
    element.focus().is_ok()
}

/// Restores the focus after elements are moved in the page, which makes browsers drop it; without scrolling. Called
/// before the move.
pub(crate) fn preserve(within: &str) {
    let held = document().active_element().filter(|held| held.closest(within).ok().flatten().is_some());
    let Some(held) = held else { return };
    spawn_local(async move {
        if held.is_connected() && nothing_has_it() {
            quietly(&held);
        }
    });
}

/// Gives the focus back to where it was, if what has it now goes away: to that element, or where it is gone too, to the row
/// that the keyboard is at, or to the page's content. Without scrolling.
pub(crate) fn back_to(before: Option<Element>) {
    // What is done meanwhile may give the focus to what it is about.
    request_animation_frame(move || {
        if nothing_has_it() {
            let before = before.filter(|before| before.is_connected() && before.tag_name() != "BODY");
            let found = || document().query_selector(ELSEWHERE).ok().flatten();
            if let Some(element) = before.or_else(found) {
                quietly(&element);
            }
        }
    });
}

fn nothing_has_it() -> bool {
    document().active_element().is_none_or(|now| now.tag_name() == "BODY")
}

fn quietly(element: &Element) {
    let options = Object::new();
    // A plain object takes every property, and every element in question has the method.
    let _ = Reflect::set(&options, &"preventScroll".into(), &true.into());
    if let Ok(focus) = Reflect::get(element, &"focus".into()).and_then(|focus| focus.dyn_into::<Function>()) {
        let _ = focus.call1(element, &options);
    }
}

type RowScroller = Rc<dyn Fn(Symbol)>;

thread_local! {
    /// Brings a row into the page, while there is a table: rows out of view are not in it.
    static ROW_SCROLLER: RefCell<Option<RowScroller>> = const { RefCell::new(None) };
}

/// Sets or removes the function that brings rows into the page.
pub(crate) fn set_row_scroller(bring: Option<RowScroller>) {
    ROW_SCROLLER.set(bring);
}

/// The row of a symbol, wherever on the list it is.
pub(crate) fn row(symbol: Symbol) {
    let bring = ROW_SCROLLER.with_borrow(Clone::clone);
    if let Some(bring) = bring {
        bring(symbol);
    }
    let mut selector = "[role=row][data-symbol='".to_owned();
    selector.push_str(symbol.as_str());
    selector.push_str("']");
    after_update(selector);
}

/// The line of the table with this number (`aria-rowindex`), or the button that it is.
pub(crate) fn line(number: &str) {
    let mut selector = String::new();
    for (before, after) in [("[aria-rowindex='", "'][tabindex],"), ("[aria-rowindex='", "'] .fold")] {
        selector.push_str(before);
        selector.push_str(number);
        selector.push_str(after);
    }
    after_update(selector);
}

/// The tab of a list.
pub(crate) fn tab(id: &WatchlistId) {
    after_update(["[data-list='", id.as_str(), "']"].concat());
}

/// The newest toast's button, or its close button.
pub(crate) fn toast() {
    after_update(".toasts > :last-child button".into());
}

/// The button that opens the palette.
pub(crate) fn search() {
    take("#search");
}

/// Selects what is typed into the palette.
pub(crate) fn select_typed() {
    let field = find(".palette-field input").and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field {
        field.select();
    }
}

/// The `autofocus` element of the open dialog.
pub(crate) fn in_dialog() {
    after_update("dialog[open] [autofocus]".into());
}

/// The element of a selector.
pub(crate) fn matching(selector: String) {
    after_update(selector);
}

/// The first field of a form that is marked invalid.
pub(crate) fn invalid_field() {
    after_update("[aria-invalid=true]".into());
}
