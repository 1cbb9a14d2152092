//! Authentication of a connection, by a ticket in its first message or by the token of its handshake; the `hello` that
//! follows; expiry, and checks of the caller's access after events.

use super::actor::{Connection, Ctx, close_with, run_detached};
use super::{MAX_MESSAGE_BYTES, MAX_SYMBOLS, PING_INTERVAL, PONG_TIMEOUT};
use crate::auth::stream_tickets::StreamTickets;
use crate::auth::{self, Caller};
use crate::db;
use crate::stream::hub::Position;
use crate::stream::market_watch::market_at;
use crate::stream::ws_frame;
use crate::{clock, random};
use actix::prelude::*;
use std::time::Duration;
use watchtape_shared::stream::{FEATURES, Limits, ServerMessage, close};

/// The delay before an access check that failed in the database is repeated.
const ACCESS_RETRY: Duration = Duration::from_millis(300);
/// One year: an API key may be valid for longer than a timer can run.
const MAX_EXPIRY_TIMER_SECONDS: u64 = 365 * 24 * 3600;

const TICKET_REFUSED: &str = "the ticket is used up, expired or not ours";

impl Connection {
    /// Authenticates the connection by a ticket. A later ticket of the same account extends its expiry.
    pub(super) fn authenticate(&mut self, ticket: &str, ctx: &mut Ctx) {
        let claims = self.state.auth.stream_tickets.redeem(&self.state.auth.tokens, ticket);
        let claims = claims.filter(|claims| self.user.as_ref().is_none_or(|user| user.id == claims.sub));
        let Some(claims) = claims else {
            return close_with(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED);
        };
        let state = self.state.clone();
        let authenticated = run_detached(async move {
            if state.node.cluster.is_shared() && !StreamTickets::claim(&state.db, &claims).await? {
                return Ok(None);
            }
            let until = claims.until.unwrap_or(claims.exp);
            Caller::by_session(&state.auth, claims.sub, claims.sid, until).await.map(Some)
        });
        ctx.wait(authenticated.into_actor(self).map(|user, connection, ctx| match user {
            Some(Ok(Some(user))) => connection.on_authenticated(user, ctx),
            Some(Ok(None)) => close_with(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED),
            Some(Err(error)) if !matches!(error, auth::Error::SessionEnded) => {
                // A busy database is no fault, and the client comes back.
                match &error {
                    auth::Error::Database(db::Error::Busy) => {
                        tracing::debug!(%error, "no session look-up for a ticket");
                    }
                    _ => tracing::error!(%error, "the session of a ticket could not be looked up"),
                }
                close_with(ctx, close::TRY_AGAIN_LATER, "the session could not be looked up");
            }
            Some(Err(_)) | None => close_with(ctx, close::SESSION_REVOKED, "the session has ended"),
        }));
    }

    /// Sets the caller and the expiry timer; the first time, also subscribes to the account's events and sends `hello` and
    /// `market`.
    pub(super) fn on_authenticated(&mut self, user: Caller, ctx: &mut Ctx) {
        if let Some(timer) = self.expiry_timer.take() {
            ctx.cancel_future(timer);
        }
        self.expiry_timer = user.expires_at.map(|expires_at| {
            let seconds_left =
                expires_at.saturating_sub(clock::now().timestamp().unsigned_abs()).min(MAX_EXPIRY_TIMER_SECONDS);
            ctx.run_later(Duration::from_secs(seconds_left), |_, ctx| {
                close_with(ctx, close::TOKEN_EXPIRED, "the access token or the API key has expired");
            })
        });
        let is_first = self.user.is_none();
        if is_first {
            if self.account_slot.is_none() {
                match self.state.connection_limits.enter_account(&user.id) {
                    Ok(slot) => self.account_slot = Some(slot),
                    Err(limit) => {
                        self.send_error("too_many_connections", &format!("{limit}."));
                        return close_with(ctx, close::TOO_MANY, "too many connections");
                    }
                }
            }
            self.payer.borrow_mut().set_account(&user.id);
            let (notices, actor) = (self.notices.clone(), ctx.address().recipient());
            self.worker.subscribe_to_account(self.key, user.id.clone(), notices, actor);
        }
        self.user = Some(user);
        self.unauthenticated_slot = None;
        if !is_first {
            return;
        }
        let last_values = &self.state.node.last_values;
        let Position { epoch, term, .. } = self.worker.hub.borrow().position();
        self.send(&ServerMessage::Hello {
            epoch: epoch.to_string(),
            term,
            session: format!("{:x}", random::number()),
            server_time: clock::now(),
            limits: Limits {
                max_symbols: MAX_SYMBOLS as u32,
                max_message_bytes: MAX_MESSAGE_BYTES as u32,
                ping_interval_ms: PING_INTERVAL.as_millis() as u32,
                pong_timeout_ms: PONG_TIMEOUT.as_millis() as u32,
            },
            feed: last_values.source.clone(),
            features: FEATURES.map(str::to_owned).to_vec(),
        });
        let market = market_at(&self.state.calendar, &self.state.node, clock::now());
        self.outbox.borrow_mut().push_back(ws_frame::encode(&ServerMessage::Market(market)));
    }

    /// Checks whether the caller's session or API key is still valid; closes the connection if not.
    pub(super) fn check_access(&mut self, ctx: &mut Ctx) {
        let Some(user) = self.user.clone() else { return };
        let state = self.state.clone();
        let alive = run_detached(async move {
            let account = user.id.clone();
            state.db.of(&account).read(move |db| user.is_alive(db)).await.ok()
        });
        ctx.spawn(alive.into_actor(self).map(|alive, _, ctx| match alive.flatten() {
            Some(true) => {}
            Some(false) => close_with(ctx, close::SESSION_REVOKED, "the session has ended"),
            // The database did not answer.
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
        self.read_list_set(ctx);
    }
}
