//! Followed watchlists: read after `watch` and after every change, sent to the client, and their symbols subscribed.

use super::actor::{Connection, Ctx, close_with, run_detached};
use super::followed_list::FollowedList;
use super::reads;
use super::subscriptions::Answer;
use super::{READ_RETRY_MS, UNREADABLE};
use crate::db::{self, watchlist};
use crate::random;
use crate::telemetry::traces::trace_span;
use actix::prelude::*;
use std::time::Duration;
use tracing::{Instrument, Span};
use watchtape_shared::WatchlistId;
use watchtape_shared::stream::{ServerMessage, close};
use watchtape_shared::watchlist::Watchlist;

impl Connection {
    /// Follows a list. One that is followed so already is kept up to date: there is nothing to answer.
    pub(super) fn follow_list(&mut self, id: WatchlistId, prices: bool, deltas: bool, ctx: &mut Ctx) {
        let Some(user) = &self.user else { return };
        let lists = &self.state.followed_lists;
        let follow = || FollowedList::new(lists.follow((user.id.clone(), id.clone())));
        let followed = self.followed.entry(id.clone()).or_insert_with(follow);
        if followed.version == 0 || (followed.has_prices, followed.has_deltas) != (prices, deltas) {
            (followed.has_prices, followed.has_deltas) = (prices, deltas);
            followed.is_to_be_sent = true;
            self.read_list(id, ctx);
        }
    }

    /// Reads a followed list and sends it if it has changed. One read of a list runs at a time, and one of an account;
    /// requests meanwhile cause one more. An account in debt waits until it is out of it.
    pub(super) fn read_list(&mut self, id: WatchlistId, ctx: &mut Ctx) {
        let (Some(user), Some(followed)) = (&self.user, self.followed.get_mut(&id)) else { return };
        if !followed.reads.begin() {
            return;
        }
        let debt = self.payer.borrow().debt();
        if !debt.is_zero() {
            return self.read_list_later(id, debt, ctx);
        }
        let trace = std::mem::take(&mut followed.trace);
        // A read that no request has caused is in no trace, and not in that of the stream's own request either.
        let span = if trace.is_none() { Span::none() } else { trace.continue_in(trace_span!("tell list")) };
        let wanted = id.clone();
        let read =
            reads::read(self.state.clone(), user.id.clone(), move |db, owner| watchlist::find(db, owner, &wanted));
        let read = run_detached(read.instrument(span.clone()));
        ctx.spawn(read.into_actor(self).map(move |result, connection, ctx| {
            let _told = span.entered();
            connection.on_list_read(&id, result.unwrap_or(Err(db::Error::Busy)), ctx);
        }));
    }

    fn read_list_later(&mut self, id: WatchlistId, delay: Duration, ctx: &mut Ctx) {
        ctx.run_later(delay, |connection, ctx| {
            if let Some(followed) = connection.followed.get_mut(&id) {
                followed.reads.reset();
            }
            connection.read_list(id, ctx);
        });
    }

    /// Tries again after a failed read, as the client must still get the change; gives up after a while.
    fn on_failed_read(&mut self, id: WatchlistId, ctx: &mut Ctx) {
        let Some(followed) = self.followed.get_mut(&id) else { return };
        if !followed.reads.fail() {
            self.send_error("unavailable", "A watched list cannot be read.");
            return close_with(ctx, close::TRY_AGAIN_LATER, UNREADABLE);
        }
        let delay = Duration::from_millis(random::within(READ_RETRY_MS));
        self.read_list_later(id, delay, ctx);
    }

    fn on_list_read(&mut self, id: &WatchlistId, result: db::Result<Watchlist>, ctx: &mut Ctx) {
        let Some(followed) = self.followed.get_mut(id) else { return };
        if result.is_ok() && followed.reads.succeed() {
            self.read_list(id.clone(), ctx);
        }
        let id = id.clone();
        let Some(followed) = self.followed.get_mut(&id) else { return };
        match result {
            // Two reads can finish out of order; the older version is ignored.
            Ok(list) if list.summary.version < followed.version => {}
            Ok(list) if list.summary.version == followed.version && !followed.is_to_be_sent => {}
            Ok(list) => {
                let is_answer = std::mem::take(&mut followed.is_to_be_sent);
                self.payer.borrow().charge_answer(0, list.items.len());
                let affects_subscriptions = followed.affects_subscriptions();
                let subscribed = list.items.iter().filter(|_| followed.has_prices).map(|item| item.symbol).collect();
                followed.symbols = subscribed;
                let message = followed.message_of(list, is_answer);
                self.send(&message);
                if affects_subscriptions {
                    let answer = if is_answer { Answer::Always } else { Answer::OnChange };
                    self.update_subscriptions(answer, Vec::new(), None);
                }
            }
            Err(db::Error::NotFound(_)) => {
                let (is_known, affects_subscriptions) = (followed.version > 0, followed.affects_subscriptions());
                self.followed.remove(&id);
                if is_known {
                    self.send(&ServerMessage::Watchlist { id, name: None, version: 0, items: Vec::new() });
                    if affects_subscriptions {
                        self.update_subscriptions(Answer::OnChange, Vec::new(), None);
                    }
                } else {
                    self.send_error("not_found", "There is no such watchlist.");
                }
            }
            Err(error) => {
                match &error {
                    db::Error::Busy | db::Error::AccountBusy => {}
                    error => tracing::error!(%error, "a watched list could not be read"),
                }
                self.on_failed_read(id, ctx);
            }
        }
    }
}
