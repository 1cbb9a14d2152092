//! Followed watchlists: read after `watch` and after every change, sent to the client, and their symbols subscribed.

use super::REFRESH_JITTER_MS;
use super::actor::{Connection, Ctx, run_detached};
use crate::db::{self, watchlist};
use crate::random;
use actix::prelude::*;
use std::time::Duration;
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::watchlist::Watchlist;

impl Connection {
    /// Reads a followed list and sends it. One read of a list runs at a time; requests meanwhile cause one more.
    pub(super) fn read_list(&mut self, id: WatchlistId, ctx: &mut Ctx) {
        let (Some(user), Some(followed)) = (&self.user, self.followed.get_mut(&id)) else { return };
        if std::mem::replace(&mut followed.is_reading, true) {
            followed.is_outdated = true;
            return;
        }
        let (state, owner, wanted) = (self.state.clone(), user.id.clone(), id.clone());
        let read = run_detached(async move { state.db.snapshot(move |db| watchlist::find(db, &owner, &wanted)).await });
        ctx.spawn(read.into_actor(self).map(move |result, connection, ctx| {
            connection.on_list_read(&id, result.unwrap_or(Err(db::Error::Busy)), ctx);
        }));
    }

    fn on_list_read(&mut self, id: &WatchlistId, result: db::Result<Watchlist>, ctx: &mut Ctx) {
        let Some(followed) = self.followed.get_mut(id) else { return };
        followed.is_reading = false;
        if std::mem::take(&mut followed.is_outdated) {
            self.read_list(id.clone(), ctx);
        }
        let id = id.clone();
        let Some(followed) = self.followed.get_mut(&id) else { return };
        match result {
            // Two reads can finish out of order; the older version is ignored.
            Ok(list) if list.summary.version < followed.version => {}
            Ok(list) => {
                let affects_subscriptions = followed.affects_subscriptions();
                let subscribed = list.items.iter().filter(|_| followed.has_prices).map(|item| item.symbol).collect();
                (followed.version, followed.symbols) = (list.summary.version, subscribed);
                let (name, version) = (Some(list.summary.name), list.summary.version);
                self.send(&ServerMessage::Watchlist { id, name, version, items: list.items });
                if affects_subscriptions {
                    self.update_subscriptions(Vec::new(), None);
                }
            }
            Err(db::Error::NotFound(_)) => {
                let (is_known, affects_subscriptions) = (followed.version > 0, followed.affects_subscriptions());
                self.followed.remove(&id);
                if is_known {
                    self.send(&ServerMessage::Watchlist { id, name: None, version: 0, items: Vec::new() });
                    if affects_subscriptions {
                        self.update_subscriptions(Vec::new(), None);
                    }
                } else {
                    self.send_error("not_found", "There is no such watchlist.");
                }
            }
            // The client must still get the change.
            Err(db::Error::Busy) => {
                let delay = Duration::from_millis(REFRESH_JITTER_MS / 2 + random::within(0..REFRESH_JITTER_MS));
                ctx.run_later(delay, |connection, ctx| connection.read_list(id, ctx));
            }
            Err(error) => {
                tracing::error!(%error, "a watched list could not be read");
                self.send_error("internal", "Something went wrong here. It has been logged.");
            }
        }
    }
}
