//! The icons: lines of one weight on a grid of 20.

use leptos::prelude::*;

pub(crate) const SEARCH: &str = "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11ZM13 13l4 4";
pub(crate) const PLUS: &str = "M10 4v12M4 10h12";
pub(crate) const CHECK: &str = "m4 10.5 4 4 8-9";
pub(crate) const CLOSE: &str = "m5 5 10 10M15 5 5 15";
pub(crate) const LIST: &str = "M7.5 5.5h9M7.5 10h9M7.5 14.5h9M3.8 5.5v.01M3.8 10v.01M3.8 14.5v.01";
pub(crate) const ACTION: &str = "m6 6 4 4-4 4M11.5 14H15";
pub(crate) const FILE: &str = "M5 2.5h6.5L15 6v11.5H5ZM11 2.5V6.5h4";
pub(crate) const MORE: &str = "M4.5 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2Z\
     M10 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2ZM15.5 9.4a.6.6 0 1 1 0 1.2.6.6 0 0 1 0-1.2Z";
pub(crate) const GRIP: &str = "M7.5 5v.01M12.5 5v.01M7.5 10v.01M12.5 10v.01M7.5 15v.01M12.5 15v.01";
pub(crate) const ALERT: &str = "M10 6.5v4.5M10 13.9v.01M10 2.5a7.5 7.5 0 1 1 0 15 7.5 7.5 0 0 1 0-15Z";
pub(crate) const BELL: &str = "M10 2.5v1.2M4.2 14.2h11.6c-1-1.2-1.5-2.5-1.5-4.7V9a4.3 4.3 0 0 0-8.6 0v.5c0 2.2-.5 3.5-1.5 4.7ZM8.4 16.7a1.8 1.8 0 0 0 3.2 0";
pub(crate) const PAUSE: &str = "M7 5v10M13 5v10";
pub(crate) const PLAY: &str = "M7 4.5v11l8-5.5Z";
pub(crate) const EDIT: &str = "M4 16h3l8.5-8.5-3-3L4 13ZM11 6l3 3";
pub(crate) const LINK: &str =
    "M8.5 11.5a3 3 0 0 0 4.3 0l2.7-2.7a3 3 0 0 0-4.3-4.3l-1 1M11.5 8.5a3 3 0 0 0-4.3 0l-2.7 2.7a3 3 0 0 0 4.3 4.3l1-1";
pub(crate) const MAIL: &str = "M3 5h14v10H3ZM3.5 5.5 10 11l6.5-5.5";
pub(crate) const BACK: &str = "m12 4.5-5.5 5.5 5.5 5.5";
pub(crate) const UNPLUGGED: &str = "M3 7.5a10 10 0 0 1 3.6-2.2M17 7.5a10 10 0 0 0-6.2-2.9M5.8 10.6a6 6 0 0 1 3-1.6M14.2 10.6l-1-.7M10 14.9v.01M3.5 3.5l13 13";
pub(crate) const MOON: &str = "M15.5 12.2A6.3 6.3 0 0 1 7.8 4.5a6.3 6.3 0 1 0 7.7 7.7Z";
pub(crate) const NOTE: &str = "M4.5 4.5h11v7l-4 4h-7ZM15.5 11.5h-4v4M7 7.5h6M7 10.5h3";
pub(crate) const SLIDERS: &str = "M3.5 6.5h7M14.5 6.5h2M3.5 13.5h2M9.5 13.5h7M12.5 4.5v4M7.5 11.5v4";
pub(crate) const CHEVRON: &str = "m7.5 5 5 5-5 5";
pub(crate) const UP: &str = "m5 12 5-5 5 5";
pub(crate) const DOWN: &str = "m5 8 5 5 5-5";
pub(crate) const EYE: &str =
    "M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.5S2 10 2 10ZM10 7.6a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8Z";

pub(crate) const KEY: &str = "M13 4a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM10.4 9.9 4 16.3V17h2.5v-2H8v-1.7";
pub(crate) const DESKTOP: &str = "M3 4.5h14v9H3ZM7.5 16.5h5M10 13.5v3";
pub(crate) const PHONE: &str = "M6.5 2.5h7a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM9 14.8h2";

/// An icon, hidden from screen readers: its meaning is in a text beside it or in the element around it.
#[component]
pub(crate) fn Icon(path: &'static str) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path d=path />
        </svg>
    }
}
