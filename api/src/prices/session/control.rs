//! The control half of a connection: what a client says, and what it is told other than prices.

use super::{
    AUTH_DEADLINE, LOOK_AGAIN_MS, MAX_MESSAGE_BYTES, MAX_MESSAGES_A_SECOND, MAX_SYMBOLS, PING_INTERVAL, PONG_TIMEOUT,
    Session, frame,
};
use crate::auth::Caller;
use crate::db::{self, watchlist};
use crate::error::{Code, Error};
use crate::extract::is_object;
use crate::prices::worker::{Notice, encode_market};
use actix::prelude::*;
use actix_http::ws::{CloseCode, CloseReason, Item, Message, ProtocolError};
use actix_web_actors::ws::WebsocketContext;
use chrono::Utc;
use std::collections::{BTreeSet, HashSet};
use std::time::{Duration, Instant};
use watchtape_shared::stream::{ClientMessage, Limits, Rejection, Resume, SUBPROTOCOL, ServerMessage, close};
use watchtape_shared::watchlist::Watchlist;
use watchtape_shared::{Quote, Symbol, WatchlistId};

/// When the database is asked again that did not answer.
const ACCESS_RETRY: Duration = Duration::from_millis(300);
/// A year.
const MAX_TIMER_SECONDS: u64 = 365 * 24 * 3600;

const TICKET_REFUSED: &str = "the ticket is used up, expired or not ours";

type Ctx = WebsocketContext<Session>;

impl Actor for Session {
    type Context = Ctx;

    fn started(&mut self, ctx: &mut Ctx) {
        if let Some(user) = self.user.take() {
            self.welcome(user, ctx);
        } else {
            ctx.run_later(AUTH_DEADLINE, |session, ctx| {
                if session.user.is_none() {
                    end(ctx, close::DEADLINE, "no ticket in time");
                }
            });
        }
        ctx.run_interval(PING_INTERVAL, |_, ctx| {
            let asked_at = Instant::now();
            ctx.ping(b"");
            ctx.run_later(PONG_TIMEOUT, move |session, ctx| {
                if session.heard_at < asked_at {
                    end(ctx, close::DEADLINE, "no pong in time");
                }
            });
        });
    }
}

impl StreamHandler<Result<Message, ProtocolError>> for Session {
    fn handle(&mut self, message: Result<Message, ProtocolError>, ctx: &mut Ctx) {
        self.heard_at = Instant::now();
        match message {
            Ok(Message::Text(text)) => self.hear(text.as_bytes(), ctx),
            Ok(Message::Continuation(item)) => self.gather(item, ctx),
            Ok(Message::Ping(payload)) => ctx.pong(&payload),
            Ok(Message::Pong(_) | Message::Nop) => {}
            Ok(Message::Close(_)) => end(ctx, close::NORMAL, ""),
            Ok(Message::Binary(_)) => end(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Err(ProtocolError::Overflow) => end(ctx, close::TOO_LARGE, "the message is too large"),
            Err(_) => end(ctx, close::BAD_MESSAGE, "not a WebSocket frame"),
        }
    }
}

impl Handler<Notice> for Session {
    type Result = ();

    fn handle(&mut self, notice: Notice, ctx: &mut Ctx) {
        match notice {
            Notice::ListChanged(id) if self.lists.contains_key(&id) => self.read_list(id, ctx),
            Notice::ListChanged(_) => {}
            Notice::AccessChanged => self.check_access(ctx),
            Notice::Market(message) => self.outbox.borrow_mut().push_back(message),
            Notice::Missed => {
                // Spread, so that a node's sockets do not all ask the database at once.
                let pause = Duration::from_millis(rand::random_range(0..LOOK_AGAIN_MS));
                ctx.run_later(pause, Self::look_again);
            }
            Notice::Restarted => self.start_over(),
            Notice::Stopping => {
                // Spread, so that a node's clients do not all come to the next one at once.
                let retry_after_ms = rand::random_range(500..5_000);
                self.send(&ServerMessage::Bye { reason: "restart".to_owned(), retry_after_ms });
                end(ctx, close::RESTART, "the server restarts");
            }
        }
    }
}

/// Closes the connection with a reason.
fn end(ctx: &mut Ctx, code: u16, description: &str) {
    let description = Some(description.to_owned()).filter(|text| !text.is_empty());
    ctx.close(Some(CloseReason { code: CloseCode::from(code), description }));
    ctx.stop();
}

impl Session {
    fn send(&self, message: &ServerMessage) {
        self.outbox.borrow_mut().push_back(frame::of(message));
    }

    fn complain(&self, error: &Error) {
        self.send(&ServerMessage::Error { code: error.code.as_str().to_owned(), message: error.detail.to_string() });
    }

    /// Puts a fragmented message together.
    fn gather(&mut self, item: Item, ctx: &mut Ctx) {
        let (part, last) = match item {
            Item::FirstText(part) => {
                self.fragments = Some(Vec::new());
                (part, false)
            }
            Item::FirstBinary(_) => return end(ctx, close::BAD_MESSAGE, "messages are JSON in text frames"),
            Item::Continue(part) => (part, false),
            Item::Last(part) => (part, true),
        };
        let Some(fragments) = &mut self.fragments else {
            return end(ctx, close::BAD_MESSAGE, "a continuation of nothing");
        };
        if fragments.len() + part.len() > MAX_MESSAGE_BYTES {
            return end(ctx, close::TOO_LARGE, "the message is too large");
        }
        fragments.extend_from_slice(&part);
        if last {
            let message = self.fragments.take().unwrap_or_default();
            self.hear(&message, ctx);
        }
    }

    fn hear(&mut self, text: &[u8], ctx: &mut Ctx) {
        if self.messages.0.elapsed() >= Duration::from_secs(1) {
            self.messages = (Instant::now(), 0);
        }
        self.messages.1 += 1;
        if self.messages.1 > MAX_MESSAGES_A_SECOND {
            return end(ctx, close::TOO_MANY, "too many messages");
        }
        // An array of an operation and its fields would parse too, and is no part of the protocol.
        let message = match serde_json::from_slice::<ClientMessage>(text) {
            Ok(message) if is_object(text) => message,
            outcome => {
                // A close reason has room for 123 bytes: the whole cause goes into a message before it.
                let cause = outcome.err().map_or_else(|| "not an object".to_owned(), |error| error.to_string());
                let message = format!("not a message of {SUBPROTOCOL}: {cause}");
                self.send(&ServerMessage::Error { code: "bad_message".to_owned(), message });
                return end(ctx, close::BAD_MESSAGE, "not a message");
            }
        };
        if self.user.is_none() && !matches!(message, ClientMessage::Auth { .. }) {
            return end(ctx, close::BAD_MESSAGE, "the first message is auth");
        }
        match message {
            ClientMessage::Auth { ticket } => self.authenticate(&ticket, ctx),
            ClientMessage::Subscribe { symbols, interval_ms, resume } => {
                if let Some(interval_ms) = interval_ms {
                    self.interval.set(Duration::from_millis(interval_ms.into()).min(Duration::from_secs(60)));
                }
                self.subscribe(symbols, resume.as_ref());
            }
            ClientMessage::Unsubscribe { symbols } => {
                let gone: HashSet<Symbol> = symbols.into_iter().collect();
                self.own = self.own.iter().filter(|symbol| !gone.contains(*symbol)).copied().collect();
                self.settle(Vec::new(), None);
            }
            ClientMessage::Watch { watchlist, prices } => {
                self.lists.entry(watchlist.clone()).or_default().has_prices = prices;
                self.read_list(watchlist, ctx);
            }
            ClientMessage::Unwatch { watchlist } => {
                self.lists.remove(&watchlist);
                self.settle(Vec::new(), None);
            }
            ClientMessage::Ping { id } => self.send(&ServerMessage::Pong { id }),
        }
    }

    /// A ticket signs the connection in; a later one of the same account lets it stay longer.
    fn authenticate(&mut self, ticket: &str, ctx: &mut Ctx) {
        let claims = self.state.tickets.take(&self.state.tokens, ticket);
        let claims = claims.filter(|claims| self.user.as_ref().is_none_or(|user| user.id == claims.sub));
        let Some(claims) = claims else {
            return end(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED);
        };
        let state = self.state.clone();
        let alive = apart(async move {
            if !state.cluster.claim_ticket(&claims.jti).await {
                return Ok(None);
            }
            let until = claims.until.unwrap_or(claims.exp);
            Caller::of_session(&state, claims.sub, claims.sid, until).await.map(Some)
        });
        ctx.wait(alive.into_actor(self).map(|user, session, ctx| match user {
            Some(Ok(Some(user))) => session.welcome(user, ctx),
            Some(Ok(None)) => end(ctx, close::TOKEN_EXPIRED, TICKET_REFUSED),
            Some(Err(error)) if error.code != Code::Unauthenticated => {
                end(ctx, close::TRY_AGAIN_LATER, "the session could not be looked up");
            }
            Some(Err(_)) | None => end(ctx, close::SESSION_REVOKED, "the session has ended"),
        }));
    }

    fn welcome(&mut self, user: Caller, ctx: &mut Ctx) {
        if let Some(expiry) = self.expiry.take() {
            ctx.cancel_future(expiry);
        }
        self.expiry = user.ends.map(|ends| {
            // A key may be good for longer than a timer can count.
            let left = ends.saturating_sub(Utc::now().timestamp().unsigned_abs()).min(MAX_TIMER_SECONDS);
            ctx.run_later(Duration::from_secs(left), |_, ctx| {
                end(ctx, close::TOKEN_EXPIRED, "the access token or the API key has expired");
            })
        });
        let first = self.user.is_none();
        if first {
            if self.slot.is_none() {
                match self.state.connections.enter_account(&user.id) {
                    Ok(slot) => self.slot = Some(slot),
                    Err(error) => {
                        self.complain(&error);
                        return end(ctx, close::TOO_MANY, "too many connections");
                    }
                }
            }
            self.worker.sign_in(self.key, user.id.clone(), ctx.address().recipient());
        }
        self.user = Some(user);
        self.unknown = None;
        if !first {
            return;
        }
        let board = &self.state.board;
        self.epoch = board.cache.read().epoch.clone();
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
            feed: board.source.clone(),
        });
        let market = crate::prices::market::at(&self.state.calendar, board, Utc::now());
        self.outbox.borrow_mut().push_back(encode_market(&market));
    }

    fn subscribe(&mut self, symbols: Vec<String>, resume: Option<&Resume>) {
        let mut rejected = Vec::new();
        let mut own: BTreeSet<Symbol> = self.own.iter().copied().collect();
        for text in symbols {
            let code = match Symbol::parse(&text) {
                Err(_) => "invalid_symbol",
                Ok(symbol) if self.state.tickers.get(&symbol).is_none() => "unknown_symbol",
                Ok(symbol) if own.len() >= MAX_SYMBOLS && !own.contains(&symbol) => "too_many_symbols",
                Ok(symbol) => {
                    own.insert(symbol);
                    continue;
                }
            };
            rejected.push(Rejection { symbol: text, code: code.to_owned() });
        }
        self.own = own.into_iter().collect();
        self.settle(rejected, resume);
    }

    /// Brings the hub to what is wanted now, says what that is, and gives the last values of what is new.
    fn settle(&mut self, mut rejected: Vec<Rejection>, resume: Option<&Resume>) {
        let mut wanted: BTreeSet<Symbol> = self.own.iter().copied().collect();
        for symbol in self.lists.values().flat_map(|list| &list.symbols) {
            if wanted.len() < MAX_SYMBOLS || wanted.contains(symbol) {
                wanted.insert(*symbol);
            } else {
                rejected.push(Rejection { symbol: symbol.to_string(), code: "too_many_symbols".to_owned() });
            }
        }
        let (added, seq) = {
            let mut hub = self.worker.hub.borrow_mut();
            let current = hub.symbols(self.key);
            let added: Vec<Symbol> = wanted.iter().filter(|symbol| !current.contains(*symbol)).copied().collect();
            hub.retain(self.key, |symbol| wanted.contains(symbol));
            hub.reserve(self.key, added.len());
            for symbol in &added {
                hub.subscribe(self.key, *symbol);
            }
            (added, hub.seq())
        };
        if !added.is_empty() {
            self.worker.tell_demand();
        }
        self.send(&ServerMessage::Subscribed { symbols: wanted.into_iter().collect(), rejected });
        self.send_snapshot(&added, seq, resume);
    }

    /// The last values of these symbols. A client that comes back in the same epoch is spared what it has seen.
    fn send_snapshot(&self, symbols: &[Symbol], seq: u64, resume: Option<&Resume>) {
        let resume = resume.filter(|resume| *resume.epoch == *self.epoch && resume.seq <= seq);
        let hub = self.worker.hub.borrow();
        let news = |symbol: &&Symbol| resume.is_none_or(|resume| hub.changed_since(**symbol, resume.seq));
        let quotes: Vec<Quote> = symbols
            .iter()
            .filter(news)
            .filter_map(|symbol| {
                let ticker = self.state.tickers.get(symbol)?;
                Some(self.state.board.present(ticker, hub.quote(*symbol)))
            })
            .collect();
        if quotes.is_empty() {
            return;
        }
        if let Some(resume) = resume {
            self.send(&ServerMessage::Gap { from: resume.seq, to: seq, epoch: None });
        }
        self.send(&ServerMessage::Snapshot { seq, quotes });
    }

    /// The numbers begin anew, as after a loss of the cluster's store: what was seen is counted no longer.
    fn start_over(&mut self) {
        self.epoch = self.state.board.cache.read().epoch.clone();
        let (symbols, seq) = {
            let hub = self.worker.hub.borrow();
            let mut symbols: Vec<Symbol> = hub.symbols(self.key).into_iter().collect();
            symbols.sort_unstable();
            (symbols, hub.seq())
        };
        self.send(&ServerMessage::Gap { from: 0, to: seq, epoch: Some(self.epoch.to_string()) });
        self.send_snapshot(&symbols, seq, None);
    }

    /// Looks whether what the client signed in by is still good.
    fn check_access(&mut self, ctx: &mut Ctx) {
        let Some(user) = self.user.clone() else { return };
        let state = self.state.clone();
        let alive = apart(async move { state.db.read(move |connection| user.is_alive(connection)).await.ok() });
        ctx.spawn(alive.into_actor(self).map(|alive, _, ctx| match alive.flatten() {
            Some(true) => {}
            Some(false) => end(ctx, close::SESSION_REVOKED, "the session has ended"),
            // It is still to be told.
            None => {
                ctx.run_later(ACCESS_RETRY, Self::check_access);
            }
        }));
    }

    /// Looks whether the session lives and what became of the followed lists.
    fn look_again(&mut self, ctx: &mut Ctx) {
        self.check_access(ctx);
        for list in self.lists.keys().cloned().collect::<Vec<_>>() {
            self.read_list(list, ctx);
        }
    }

    /// Reads a followed list and passes it on, with its symbols.
    fn read_list(&mut self, id: WatchlistId, ctx: &mut Ctx) {
        let (Some(user), Some(followed)) = (&self.user, self.lists.get_mut(&id)) else { return };
        // However often it is asked for or changes: one read at a time, and one more where something came in between.
        if std::mem::replace(&mut followed.is_reading, true) {
            followed.is_outdated = true;
            return;
        }
        let (state, owner, wanted) = (self.state.clone(), user.id.clone(), id.clone());
        let found =
            apart(
                async move { state.db.snapshot(move |connection| watchlist::find(connection, &owner, &wanted)).await },
            );
        ctx.spawn(found.into_actor(self).map(move |found, session, ctx| {
            session.heard_list(&id, found.unwrap_or(Err(db::Error::Busy)), ctx);
        }));
    }

    fn heard_list(&mut self, id: &WatchlistId, found: db::Result<Watchlist>, ctx: &mut Ctx) {
        let Some(followed) = self.lists.get_mut(id) else { return };
        followed.is_reading = false;
        if std::mem::take(&mut followed.is_outdated) {
            self.read_list(id.clone(), ctx);
        }
        let id = id.clone();
        let Some(followed) = self.lists.get_mut(&id) else { return };
        match found {
            // Two reads may overtake each other: the older one is history.
            Ok(list) if list.summary.version < followed.version => {}
            Ok(list) => {
                let concerns_set = followed.concerns_set();
                let subscribed = list.items.iter().filter(|_| followed.has_prices).map(|item| item.symbol).collect();
                (followed.version, followed.symbols) = (list.summary.version, subscribed);
                let (name, version) = (Some(list.summary.name), list.summary.version);
                self.send(&ServerMessage::Watchlist { id, name, version, items: list.items });
                if concerns_set {
                    self.settle(Vec::new(), None);
                }
            }
            Err(db::Error::NotFound(_)) => {
                let (is_known, concerns_set) = (followed.version > 0, followed.concerns_set());
                self.lists.remove(&id);
                if is_known {
                    self.send(&ServerMessage::Watchlist { id, name: None, version: 0, items: Vec::new() });
                    if concerns_set {
                        self.settle(Vec::new(), None);
                    }
                } else {
                    self.complain(&Error::not_found("watchlist"));
                }
            }
            // What changed is still to be told.
            Err(db::Error::Busy) => {
                let pause = Duration::from_millis(LOOK_AGAIN_MS / 2 + rand::random_range(0..LOOK_AGAIN_MS));
                ctx.run_later(pause, |session, ctx| session.read_list(id, ctx));
            }
            Err(error) => self.complain(&error.into()),
        }
    }
}

/// Runs work beside the connection. What waits for the database within it would not go on while the client does not
/// read, and keep a place at the database from everybody else. None where the work was lost.
async fn apart<T: 'static>(work: impl Future<Output = T> + 'static) -> Option<T> {
    actix_web::rt::spawn(work).await.ok()
}
