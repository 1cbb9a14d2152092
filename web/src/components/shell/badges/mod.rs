//! The badges of the header: the feed's mode, and the connection's status.

use crate::i18n;
use crate::state::state;
use crate::stream::connection::ConnectionStatus;
use crate::texts::live;
use crate::view::reactive::{dynamic, text};
use leptos::prelude::*;
use watchtape_shared::market::Feed;

/// The feed's mode, and its state if it is not running normally. Nothing before it is known.
#[component]
pub(crate) fn FeedBadge() -> impl IntoView {
    let market = state().market;
    dynamic(move || {
        let Some(Feed { mode, status, source, degraded, .. }) = market.get().map(|market| market.feed) else {
            return ().into_any();
        };
        // A stopped source is more important than a node that is cut off from the cluster.
        let cut_off = degraded.then(|| (live::degraded(), live::degraded_means()));
        let trouble = i18n::market::feed_trouble(status).or(cut_off);
        let about = trouble.map_or(i18n::market::about_mode(mode), |(_, about)| about);
        let troubled = trouble.is_some();
        let trouble = trouble.map_or_else(String::new, |(word, _)| format!(" · {word}"));
        view! {
            <span
                class="badge feed"
                class:troubled=troubled
                data-testid="feed-badge"
                data-mode=i18n::market::mode_class(mode)
                title=live::about_source(&about, &source)
            >
                <span class="dot" aria-hidden="true"></span>
                <span class="badge-text">{i18n::market::mode(mode)}</span>
                <span class="badge-trouble">{trouble}</span>
            </span>
        }
        .into_any()
    })
}

/// Whether prices arrive.
#[component]
pub(crate) fn ConnectionBadge() -> impl IntoView {
    let connection = state().connection;
    let said = move || match connection.status() {
        ConnectionStatus::Connecting => ("connecting", live::connecting(), live::connecting_means()),
        ConnectionStatus::Connected => ("connected", live::connected(), live::connected_means()),
        ConnectionStatus::Reconnecting => ("reconnecting", live::reconnecting(), live::reconnecting_means()),
        ConnectionStatus::Offline => ("offline", live::offline(), live::offline_means()),
    };
    view! {
        <span
            class="badge connection"
            role="status"
            data-testid="connection-badge"
            data-state=text(move || said().0)
            title=text(move || said().2)
        >
            <span class="dot" aria-hidden="true"></span>
            <span class="badge-text">{text(move || said().1)}</span>
        </span>
    }
}
