//! Names and explanations of price modes, feed states and the reasons for a missing price: a simulated price is never
//! shown as a real one.

use crate::texts::{market, price};
use watchtape_shared::market::FeedStatus;
use watchtape_shared::quote::{Mode, Reason};

/// The text of the feed's badge.
pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => market::simulated(),
        Mode::Replay => market::replay(),
        Mode::Live => market::live(),
        Mode::Delayed => market::delayed(),
    }
}

/// The explanation of a mode.
pub(crate) fn about_mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => market::about_simulated(),
        Mode::Replay => market::about_replay(),
        Mode::Live => market::about_live(),
        Mode::Delayed => market::about_delayed(),
    }
}

/// The name of a price of a mode.
pub(crate) fn mode_of_price(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => market::price_simulated(),
        Mode::Replay => market::price_replay(),
        Mode::Live => market::price_live(),
        Mode::Delayed => market::price_delayed(),
    }
}

/// The explanation of a price of a mode.
pub(crate) fn about_price(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => price::simulated(),
        Mode::Replay => price::replay(),
        Mode::Live => price::live(),
        Mode::Delayed => price::delayed(),
    }
}

/// The CSS name of a mode.
pub(crate) fn mode_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "simulated",
        Mode::Replay => "replay",
        Mode::Live => "live",
        Mode::Delayed => "delayed",
    }
}

/// The text added to the badge while the feed is not running normally.
pub(crate) fn feed_trouble(status: FeedStatus) -> Option<(&'static str, &'static str)> {
    match status {
        FeedStatus::Running => None,
        FeedStatus::Starting => Some((market::starting(), market::starting_why())),
        FeedStatus::Stale => Some((market::stale(), market::stale_why())),
        FeedStatus::Ended => Some((market::ended(), market::ended_why())),
    }
}

/// Why a price is not kept up any more; `None`: the feed is silent as a whole.
pub(crate) fn stale_reason(reason: Option<Reason>) -> Option<&'static str> {
    match reason? {
        Reason::NoData => Some(market::no_data_any_more()),
        Reason::NotCovered => Some(market::not_covered_why()),
        Reason::SourceDown => Some(market::source_down_why()),
        Reason::Implausible => Some(market::implausible_why()),
        Reason::Other => None,
    }
}

/// Why a symbol has no price: a short text for the row and an explanation.
pub(crate) fn reason(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        Some(Reason::NoData) => (market::no_data(), market::no_data_why()),
        Some(Reason::NotCovered) => (market::not_covered(), market::not_covered_why()),
        Some(Reason::SourceDown) => (market::source_down(), market::source_down_why()),
        Some(Reason::Implausible) => (market::implausible(), market::implausible_why()),
        Some(Reason::Other) | None => (market::waiting(), market::waiting_why()),
    }
}
