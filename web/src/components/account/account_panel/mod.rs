//! The panel of the account button: who is signed in, theme, language, settings, sign out.

use crate::components::controls::choice::{Choices, SegmentedControl};
use crate::route;
use crate::state::appearance::choices::Theme;
use crate::state::appearance::stored_choice::Preference;
use crate::state::state;
use crate::texts::{account, appearance, guest};
use crate::view::reactive::text;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The content of the panel. Following a link closes it.
#[component]
pub(crate) fn AccountPanel() -> impl IntoView {
    let state = state();
    let name = move || state.session.user().map_or_else(String::new, |user| user.display_name.to_string());
    let address = move || {
        let email = state.session.user().and_then(|user| user.email);
        email.map_or_else(|| guest::demo().into(), |email| email.to_string())
    };
    let preferences = state.preferences;
    view! {
        <div class="account-who">
            <strong dir="auto">{text(name)}</strong>
            <span>{text(address)}</span>
        </div>
        <SegmentedControl picks=theme(preferences.theme) />
        <SegmentedControl picks=Choices::of(
            appearance::density(),
            preferences.density,
            &[appearance::comfortable(), appearance::dense()],
        ) />
        <div class="account-ways" on:click=|_| close()>
            <a href=route::ACCOUNT>{account::your_account()}</a>
            <a href="/account#appearance">{appearance::all()}</a>
            <button type="button" on:click=move |_| state.log_out()>
                {account::sign_out()}
            </button>
        </div>
    }
}

/// Light or dark.
pub(crate) fn theme(chosen: Preference<Theme>) -> Choices {
    Choices::of(appearance::theme(), chosen, &[appearance::system(), appearance::light(), appearance::dark()])
}

fn close() {
    let panel = document().get_element_by_id("account-panel").and_then(|panel| panel.dyn_into::<HtmlElement>().ok());
    if let Some(panel) = panel {
        // The browser may have closed it already.
        let _ = panel.hide_popover();
    }
}
