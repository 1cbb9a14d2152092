//! The set of the account's lists: read after `watch` with `watchlists` and after every change of a list, and sent to the client.

use super::actor::{Connection, Ctx, close_with, run_detached};
use super::followed_list_set::FollowedListSet;
use super::reads;
use super::{READ_RETRY_MS, UNREADABLE};
use crate::db::list_set::{self, ListSet};
use crate::{db, random};
use actix::prelude::*;
use std::time::Duration;
use watchtape_shared::stream::{ServerMessage, WatchlistEntry, close};

impl Connection {
    /// Follows the set. One that is followed already is kept up to date: there is nothing to answer.
    pub(super) fn follow_list_set(&mut self, ctx: &mut Ctx) {
        let Some(user) = self.user.as_ref().filter(|_| self.followed_set.is_none()) else { return };
        let following = self.state.followed_list_sets.follow(user.id.clone());
        self.followed_set = Some(Box::new(FollowedListSet::new(following)));
        self.read_list_set(ctx);
    }

    /// Reads the set, if it is followed, and sends it if it has changed. An account in debt waits until it is out of it.
    pub(super) fn read_list_set(&mut self, ctx: &mut Ctx) {
        let (Some(user), Some(followed)) = (&self.user, &mut self.followed_set) else { return };
        if !followed.reads.begin() {
            return;
        }
        let debt = self.payer.borrow().debt();
        if !debt.is_zero() {
            return read_later(debt, ctx);
        }
        let read = run_detached(reads::read(self.state.clone(), user.id.clone(), list_set::find));
        ctx.spawn(read.into_actor(self).map(|result, connection, ctx| {
            connection.on_list_set_read(result.unwrap_or(Err(db::Error::Busy)), ctx);
        }));
    }

    fn on_list_set_read(&mut self, result: db::Result<ListSet>, ctx: &mut Ctx) {
        let Some(followed) = &mut self.followed_set else { return };
        match result {
            Ok(set) => {
                let is_outdated = followed.reads.succeed();
                if followed.takes(set.version) {
                    let items: Vec<_> = set.lists.into_iter().map(WatchlistEntry::from).collect();
                    self.payer.borrow().charge_answer(0, items.len());
                    self.send(&ServerMessage::Watchlists { version: set.version, items });
                }
                if is_outdated {
                    self.read_list_set(ctx);
                }
            }
            // The account is gone, and its connections are closed for it.
            Err(db::Error::NotFound(_)) => self.followed_set = None,
            Err(error) => {
                if !matches!(error, db::Error::Busy | db::Error::AccountBusy) {
                    tracing::error!(%error, "the set of an account's lists could not be read");
                }
                if followed.reads.fail() {
                    return read_later(Duration::from_millis(random::within(READ_RETRY_MS)), ctx);
                }
                self.send_error("unavailable", "Your watchlists cannot be read.");
                close_with(ctx, close::TRY_AGAIN_LATER, UNREADABLE);
            }
        }
    }
}

fn read_later(delay: Duration, ctx: &mut Ctx) {
    ctx.run_later(delay, |connection, ctx| {
        if let Some(followed) = &mut connection.followed_set {
            followed.reads.reset();
        }
        connection.read_list_set(ctx);
    });
}
