//! Followed watchlists: read when they are asked for and when they have changed, and passed on with their symbols.

use super::REFRESH_SPREAD_MS;
use super::actor::{Connection, Ctx, run_apart};
use crate::db::{self, watchlist};
use actix::prelude::*;
use std::time::Duration;
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::ServerMessage;
use watchtape_shared::watchlist::Watchlist;

impl Connection {
    /// Reads a followed list and passes it on, with its symbols.
    pub(super) fn read_list(&mut self, id: WatchlistId, ctx: &mut Ctx) {
        let (Some(user), Some(followed)) = (&self.user, self.followed.get_mut(&id)) else { return };
        // However often it is asked for or changes: one read at a time, and one more where something came in between.
        if std::mem::replace(&mut followed.is_reading, true) {
            followed.is_outdated = true;
            return;
        }
        let (state, owner, wanted) = (self.state.clone(), user.id.clone(), id.clone());
        let found = run_apart(async move { state.db.snapshot(move |db| watchlist::find(db, &owner, &wanted)).await });
        ctx.spawn(found.into_actor(self).map(move |found, connection, ctx| {
            connection.list_found(&id, found.unwrap_or(Err(db::Error::Busy)), ctx);
        }));
    }

    fn list_found(&mut self, id: &WatchlistId, found: db::Result<Watchlist>, ctx: &mut Ctx) {
        let Some(followed) = self.followed.get_mut(id) else { return };
        followed.is_reading = false;
        if std::mem::take(&mut followed.is_outdated) {
            self.read_list(id.clone(), ctx);
        }
        let id = id.clone();
        let Some(followed) = self.followed.get_mut(&id) else { return };
        match found {
            // Two reads may overtake each other: the older one is history.
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
            // What changed is still to be told.
            Err(db::Error::Busy) => {
                let pause = Duration::from_millis(REFRESH_SPREAD_MS / 2 + rand::random_range(0..REFRESH_SPREAD_MS));
                ctx.run_later(pause, |connection, ctx| connection.read_list(id, ctx));
            }
            Err(error) => {
                tracing::error!(%error, "a watched list could not be read");
                self.send_error("internal", "Something went wrong here. It has been logged.");
            }
        }
    }
}
