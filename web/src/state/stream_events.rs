//! What each event of the price stream changes.

use super::account::session::{LogoutReason, Session};
use super::alerts::Alerts;
use super::clock::Clock;
use super::lists::open_list::OpenList;
use super::lists::watchlists::Watchlists;
use super::prices::quotes::Quotes;
use super::shell::toasts::Toasts;
use crate::stream::event::StreamEvent;
use leptos::prelude::*;
use watchtape_shared::market::Market;

/// The parts of the state that the stream writes.
#[derive(Clone, Copy)]
pub(super) struct StreamTargets {
    pub(super) clock: Clock,
    pub(super) session: Session,
    pub(super) lists: Watchlists,
    pub(super) open_list: OpenList,
    pub(super) quotes: Quotes,
    pub(super) market: RwSignal<Option<Market>>,
    pub(super) alerts: Alerts,
    pub(super) toasts: Toasts,
}

impl StreamTargets {
    pub(super) fn apply(self, event: StreamEvent) {
        match event {
            StreamEvent::ServerTime(server_time) => self.clock.set_exactly(server_time),
            StreamEvent::Snapshot(quotes) => self.quotes.insert(quotes),
            StreamEvent::Ticks { published_ms, rows } => {
                self.clock.set_at_least(published_ms);
                self.quotes.apply_ticks(rows);
            }
            StreamEvent::EpochBegun => self.quotes.begin_epoch(),
            StreamEvent::Watchlist { id, name, version, items } => {
                self.open_list.apply_server_list(&id, name, version, items);
            }
            StreamEvent::WatchlistChanged { id, version, from_version, changes } => {
                self.open_list.apply_server_changes(&id, version, from_version, changes);
            }
            StreamEvent::Market(market) => self.market.set(Some(market)),
            StreamEvent::AlertTriggered(event) => self.alerts.apply_event(&event),
            StreamEvent::Connected => self.alerts.catch_up(),
            StreamEvent::Refused { code, message } => self.toasts.fail_on_stream(&code, message),
            StreamEvent::Watchlists { items, is_first } => {
                self.lists.apply_server_set(items, is_first, &self.open_list.lists_with_unsent_changes());
            }
            StreamEvent::ReconnectedWithoutLists => self.lists.load(),
            StreamEvent::TabShown => {
                self.clock.tick();
                self.quotes.catch_up();
                self.alerts.reread_seen();
            }
            StreamEvent::SessionEnded => self.session.end(LogoutReason::Expired),
        }
    }
}
