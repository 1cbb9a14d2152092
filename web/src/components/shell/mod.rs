//! The frame of every signed-in page: header, dialogs, toasts and notices.

pub(crate) mod badges;
pub(crate) mod connection_banner;
pub(crate) mod overlays;
pub(crate) mod shortcuts;
pub(crate) mod toasts;
pub(crate) mod topbar;
pub(crate) mod update_notice;
