//! Says above the prices that they have stopped, while they have.

use super::icon::{self, Icon};
use crate::state::connection::Link;
use crate::state::state;
use crate::texts;
use crate::view::follow::{flag, text};
use crate::words;
use leptos::prelude::*;

/// A line that is there only while prices do not arrive.
#[component]
pub(crate) fn LagNotice() -> impl IntoView {
    let state = state();
    let status = move || state.market.with(|market| market.as_ref().map(|market| market.feed.status));
    let said = move || match state.connection.link() {
        Link::Offline => Some(texts::market::offline()),
        Link::Reconnecting => Some(texts::market::reconnecting()),
        Link::Connecting | Link::Connected => {
            status().and_then(words::market::feed_trouble).map(|(_, sentence)| sentence)
        }
    };
    view! {
        <div class="lag" role="status">
            <p hidden=flag(move || said().is_none())>
                <Icon path=icon::ALERT />
                {text(move || said().unwrap_or_default())}
            </p>
        </div>
    }
}
