//! Tells above the prices that their source has gone silent. The connection has its own banner.

use crate::components::controls::icon::{self, Icon};
use crate::i18n;
use crate::state::state;
use crate::view::reactive::{flag, text};
use leptos::prelude::*;

/// Shown while the source is silent.
#[component]
pub(crate) fn FeedNotice() -> impl IntoView {
    let state = state();
    let status = move || state.market.with(|market| market.as_ref().map(|market| market.feed.status));
    let said = move || {
        let trouble = status().filter(|_| !state.connection.is_lost()).and_then(i18n::market::feed_trouble);
        trouble.map(|(_, sentence)| sentence)
    };
    view! {
        <div class="feed-notice" role="status">
            <p hidden=flag(move || said().is_none())>
                <Icon path=icon::ALERT />
                {text(move || said().unwrap_or_default())}
            </p>
        </div>
    }
}
