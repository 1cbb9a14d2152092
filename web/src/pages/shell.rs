//! The frame of every signed-in page: header, banners, dialogs.

use crate::components::account::guest_bar::GuestBar;
use crate::components::shell::connection_banner::ConnectionBanner;
use crate::components::shell::overlays::Overlays;
use crate::components::shell::topbar::TopBar;
use crate::texts::shell;
use leptos::prelude::*;

/// The signed-in frame.
#[component]
pub(crate) fn Shell(children: Children) -> impl IntoView {
    view! {
        <a class="skip" href="#main">
            {shell::skip()}
        </a>
        <TopBar />
        <GuestBar />
        <main id="main" class="page" tabindex="-1">
            <ConnectionBanner />
            {children()}
        </main>
        <Overlays />
    }
}
