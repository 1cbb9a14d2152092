//! Offers a new version of the app once the service worker has it ready. The open page changes only when somebody says
//! so.

use crate::components::controls::icon::{self, Icon};
use crate::texts;
use crate::view::reactive::dynamic;
use crate::view::service_worker;
use leptos::ev::Custom;
use leptos::prelude::*;
use web_sys::Event;

/// Shown in a corner of any page, while a new version is ready.
#[component]
pub(crate) fn UpdateNotice() -> impl IntoView {
    let is_ready = RwSignal::new(false);
    let heard = window_event_listener(Custom::<Event>::new(service_worker::UPDATE), move |_| is_ready.set(true));
    on_cleanup(move || heard.remove());
    view! {
        <div role="status" class="update-notice">
            {dynamic(move || {
                if !is_ready.get() {
                    return ().into_any();
                }
                view! {
                    <div class="update">
                        <p>{texts::install::ready()}</p>
                        <button class="button primary" type="button" on:click=|_| service_worker::notify(service_worker::RELOAD)>
                            {texts::install::reload()}
                        </button>
                        <button
                            class="icon-button"
                            type="button"
                            aria-label=texts::install::later()
                            title=texts::install::later()
                            on:click=move |_| is_ready.set(false)
                        >
                            <Icon path=icon::CLOSE />
                        </button>
                    </div>
                }
                .into_any()
            })}
        </div>
    }
}
