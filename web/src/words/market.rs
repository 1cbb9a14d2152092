//! Where prices come from and why one is missing, said so that nobody takes a made price for a real one.

use watchtape_shared::market::FeedStatus;
use watchtape_shared::quote::{Mode, Reason};

/// The badge of the feed.
pub(crate) fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "Simulated market",
        Mode::Replay => "Replay",
        Mode::Live => "Live",
        Mode::Delayed => "Delayed",
    }
}

/// What the mode means, for whoever asks.
pub(crate) fn about_mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "Prices are made by a simulation. Nobody ever paid them.",
        Mode::Replay => "Real prices of the past, played again.",
        Mode::Live => "Real prices as they happen.",
        Mode::Delayed => "Real prices, later by the source’s delay.",
    }
}

/// What to call one price of a mode.
pub(crate) fn mode_of_price(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "Simulated price",
        Mode::Replay => "Recorded price",
        Mode::Live => "Live price",
        Mode::Delayed => "Delayed price",
    }
}

/// How the name of the style for a mode is spelled.
pub(crate) fn mode_class(mode: Mode) -> &'static str {
    match mode {
        Mode::Simulated => "simulated",
        Mode::Replay => "replay",
        Mode::Live => "live",
        Mode::Delayed => "delayed",
    }
}

/// What to add to the badge while the feed does not run as it should.
pub(crate) fn feed_trouble(status: FeedStatus) -> Option<(&'static str, &'static str)> {
    match status {
        FeedStatus::Running => None,
        FeedStatus::Starting => Some(("starting", "The source has not sent its first prices yet.")),
        FeedStatus::Stale => Some(("stale", "The source has fallen silent. These are the last prices it sent.")),
        FeedStatus::Ended => Some(("ended", "The recording has been played to its end.")),
    }
}

/// Why a symbol has no price: a few words for the row, a sentence for whoever asks.
pub(crate) fn reason(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        Some(Reason::NoData) => ("No price yet", "The source covers this symbol and has not sent a price for it yet."),
        Some(Reason::NotCovered) => ("Not covered", "The price source does not cover this symbol."),
        Some(Reason::Halted) => ("Halted", "Trading in this symbol is halted."),
        Some(Reason::SourceDown) => ("Source down", "The price source cannot be reached right now."),
        None => ("Waiting for price", "The price has been asked for and has not arrived yet."),
    }
}
