//! Loads the script that draws the chart, named in the page as `<meta name="chart">`, when a chart is first shown.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, HtmlElement};

const SCRIPT: &str = "script[data-chart]";

/// Loads the script, unless it is loaded or loading. Until then the chart's element is not defined.
pub(super) fn load(failed: RwSignal<bool>) {
    failed.set(false);
    if find(SCRIPT).is_none() && add(failed).is_none() {
        failed.set(true);
    }
}

fn add(failed: RwSignal<bool>) -> Option<()> {
    let address = find("meta[name=chart]")?.get_attribute("content")?;
    let script: HtmlElement = document().create_element("script").ok()?.dyn_into().ok()?;
    for (name, value) in [("type", "module"), ("src", address.as_str()), ("data-chart", "")] {
        script.set_attribute(name, value).ok()?;
    }
    // Browsers do not retry a script element that failed: the next attempt needs a new one.
    let gone = script.clone();
    let on_error = Closure::once_into_js(move || {
        gone.remove();
        failed.try_set(true);
    });
    script.set_onerror(Some(on_error.unchecked_ref()));
    document().head()?.append_child(&script).ok()?;
    Some(())
}

fn find(selector: &str) -> Option<Element> {
    document().query_selector(selector).ok().flatten()
}
