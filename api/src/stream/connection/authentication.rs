//! Authentication of a connection: by a ticket in its first message or by the token of its handshake, its greeting, and
//! the checks whether it may stay.

use super::actor::{Connection, Ctx, end, run_apart};
use super::{MAX_MESSAGE_BYTES, MAX_SYMBOLS, PING_INTERVAL, PONG_TIMEOUT};
use crate::auth::stream_tickets::USED_TICKET_SECONDS;
use crate::auth::{self, Caller};
use crate::stream::market_watch::market_at;
use crate::stream::ws_frame;
use actix::prelude::*;
use chrono::Utc;
use std::time::Duration;
use watchtape_shared::stream::{Limits, ServerMessage, close};

/// When the database is asked again that did not answer.
const ACCESS_RETRY: Duration = Duration::from_millis(300);
/// A year.
const MAX_TIMER_SECONDS: u64 = 365 * 24 * 3600;

const TICKET_REFUSED: &str = "the ticket is used up, expired or not ours";

impl Connection {
    /// A ticket signs the connection in; a later one of the same account lets it stay longer.
    pub(super) fn authenticate(&mut self, ticket: &str, ctx: &mut Ctx) {
        let claims = self.state.auth.stream_tickets.redeem(&self.state.auth.tokens, ticket);
        let claims = claims.filter(|claims| self.user.as_ref().is_none_or(|user| user.id == claims.sub));
        let Some(claims) = claims else {
            return end(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED);
        };
        let state = self.state.clone();
        let alive = run_apart(async move {
            if !state.node.cluster.claim_ticket(&claims.jti, USED_TICKET_SECONDS).await {
                return Ok(None);
            }
            let until = claims.until.unwrap_or(claims.exp);
            Caller::by_session(&state.auth, claims.sub, claims.sid, until).await.map(Some)
        });
        ctx.wait(alive.into_actor(self).map(|user, connection, ctx| match user {
            Some(Ok(Some(user))) => connection.welcome(user, ctx),
            Some(Ok(None)) => end(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED),
            Some(Err(error)) if !matches!(error, auth::Error::SessionEnded) => {
                tracing::debug!(%error, "the session of a ticket could not be looked up");
                end(ctx, close::TRY_AGAIN_LATER, "the session could not be looked up");
            }
            Some(Err(_)) | None => end(ctx, close::SESSION_REVOKED, "the session has ended"),
        }));
    }

    pub(super) fn welcome(&mut self, user: Caller, ctx: &mut Ctx) {
        if let Some(expiry) = self.expiry.take() {
            ctx.cancel_future(expiry);
        }
        self.expiry = user.expires_at.map(|expires_at| {
            // A key may be good for longer than a timer can count.
            let left = expires_at.saturating_sub(Utc::now().timestamp().unsigned_abs()).min(MAX_TIMER_SECONDS);
            ctx.run_later(Duration::from_secs(left), |_, ctx| {
                end(ctx, close::TOKEN_EXPIRED, "the access token or the API key has expired");
            })
        });
        let first = self.user.is_none();
        if first {
            if self.account_slot.is_none() {
                match self.state.connection_limits.enter_account(&user.id) {
                    Ok(slot) => self.account_slot = Some(slot),
                    Err(limit) => {
                        self.send_error("too_many_connections", &limit.to_string());
                        return end(ctx, close::TOO_MANY, "too many connections");
                    }
                }
            }
            self.worker.sign_in(self.key, user.id.clone(), ctx.address().recipient());
        }
        self.user = Some(user);
        self.unauthenticated_slot = None;
        if !first {
            return;
        }
        let last_values = &self.state.node.last_values;
        self.epoch = last_values.cache.read().epoch.clone();
        self.send(&ServerMessage::Hello {
            epoch: self.epoch.to_string(),
            session: format!("{:x}", rand::random::<u64>()),
            server_time: Utc::now(),
            limits: Limits {
                max_symbols: MAX_SYMBOLS as u32,
                max_message_bytes: MAX_MESSAGE_BYTES as u32,
                ping_interval_ms: PING_INTERVAL.as_millis() as u32,
                pong_timeout_ms: PONG_TIMEOUT.as_millis() as u32,
            },
            feed: last_values.source.clone(),
        });
        let market = market_at(&self.state.calendar, &self.state.node, Utc::now());
        self.outbox.borrow_mut().push_back(ws_frame::of(&ServerMessage::Market(market)));
    }

    /// Looks whether the caller's credential is still valid.
    pub(super) fn check_access(&mut self, ctx: &mut Ctx) {
        let Some(user) = self.user.clone() else { return };
        let state = self.state.clone();
        let alive = run_apart(async move { state.db.read(move |db| user.is_alive(db)).await.ok() });
        ctx.spawn(alive.into_actor(self).map(|alive, _, ctx| match alive.flatten() {
            Some(true) => {}
            Some(false) => end(ctx, close::SESSION_REVOKED, "the session has ended"),
            // It is still to be told.
            None => {
                ctx.run_later(ACCESS_RETRY, Self::check_access);
            }
        }));
    }

    /// Checks the caller's access and reads the followed lists again.
    pub(super) fn refresh(&mut self, ctx: &mut Ctx) {
        self.check_access(ctx);
        for list in self.followed.keys().cloned().collect::<Vec<_>>() {
            self.read_list(list, ctx);
        }
    }
}
