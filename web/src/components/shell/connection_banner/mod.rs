//! The banner that tells that the connection is lost: since when, and when it is tried again.

use crate::components::controls::icon::{self, Icon};
use crate::format::age;
use crate::i18n::date_time;
use crate::state::state;
use crate::stream::connection::ConnectionStatus;
use crate::texts;
use crate::view::reactive::{effect, flag, memo, text};
use leptos::prelude::*;

/// A connection that is back sooner is not reported.
const PATIENCE_MS: f64 = 1_500.0;

/// Shown while the connection is lost.
#[component]
pub(crate) fn ConnectionBanner() -> impl IntoView {
    let state = state();
    let connection = state.connection;
    let is_long = memo(move |_| match connection.status() {
        ConnectionStatus::Offline => true,
        ConnectionStatus::Reconnecting => state.clock.steady_ms() - connection.lost_ms() > PATIENCE_MS,
        ConnectionStatus::Connecting | ConnectionStatus::Connected => false,
    });
    let what = move || match connection.status() {
        _ if !is_long.get() => "",
        ConnectionStatus::Offline => texts::offline::offline(),
        _ => texts::offline::unreachable(),
    };
    let unsent = move || match state.open_list.unsent() {
        count if count == 0 || !is_long.get() => String::new(),
        count => texts::count(count, texts::offline::waits, texts::offline::wait),
    };
    let since = move || {
        let moment_ms = is_long.get().then(|| connection.last_prices_ms());
        moment_ms.flatten().map_or_else(String::new, |moment_ms| {
            let ago = age::long(state.clock.now_ms() - moment_ms);
            texts::offline::prices_from(&date_time::time(moment_ms as f64), &ago)
        })
    };
    let again = move || {
        let now_ms = if is_long.get() { state.clock.steady_ms() } else { 0.0 };
        match connection.retry_in_ms(now_ms) {
            Some(left_ms) => texts::offline::again_in(&((left_ms / 1000.0).ceil() as u32)),
            None => texts::offline::trying().to_owned(),
        }
    };
    // The recovery is announced if the loss was.
    effect({
        let was_long = StoredValue::new(false);
        move || {
            let is_lost = is_long.get();
            if was_long.try_update_value(|was| std::mem::replace(was, is_lost)) == Some(true) && !is_lost {
                state.toasts.announce(texts::offline::back());
            }
        }
    });
    view! {
        <div class="connection-banner" class:shown=flag(move || is_long.get()) data-testid="lost-banner">
            <Icon path=icon::UNPLUGGED />
            <div class="lost-words">
                // Texts that change every second are outside the live region.
                <p role="status">
                    <b>{text(what)}</b>
                    " "
                    <span class="lost-held">{text(unsent)}</span>
                </p>
                <p class="lost-since">{text(since)}</p>
            </div>
            <p class="lost-again">{text(again)}</p>
            <button class="button" type="button" on:click=move |_| state.stream.retry_now()>
                {texts::offline::try_now()}
            </button>
        </div>
    }
}
