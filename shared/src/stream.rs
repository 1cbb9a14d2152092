//! The messages of the price stream, subprotocol `watchtape.v1`: JSON in text frames.

use crate::alert::AlertEvent;
use crate::list_change::ListChange;
use crate::market::Market;
use crate::quote::Mode;
use crate::text::ListName;
use crate::tick_row::TickRow;
use crate::watchlist::{WatchlistItem, WatchlistSummary};
use crate::{Quote, Symbol, WatchlistId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};

/// The subprotocol that both sides name in the handshake.
pub const SUBPROTOCOL: &str = "watchtape.v1";

/// Close codes beyond those of RFC 6455, and the ones of it that are used.
pub mod close {
    /// The client asked for it.
    pub const NORMAL: u16 = 1000;
    /// The server restarts: reconnect.
    pub const RESTART: u16 = 1012;
    /// The server cannot serve now: reconnect later, with jitter.
    pub const TRY_AGAIN_LATER: u16 = 1013;
    /// The client does not read.
    pub const TOO_SLOW: u16 = 4008;
    /// The client sent what is not a message.
    pub const BAD_MESSAGE: u16 = 4400;
    /// The access token has expired: refresh it, then reconnect.
    pub const TOKEN_EXPIRED: u16 = 4401;
    /// No authentication, or no pong, in time.
    pub const DEADLINE: u16 = 4408;
    /// The session was ended: sign in again.
    pub const SESSION_REVOKED: u16 = 4409;
    /// The message is too large.
    pub const TOO_LARGE: u16 = 4413;
    /// Too many connections or messages.
    pub const TOO_MANY: u16 = 4429;
}

/// What a client may say to a server that names it in `hello`, and that closes the connection of an older one.
pub const FEATURES: [&str; 2] = [DELTAS, WATCHLISTS];
/// `deltas` in `watch`.
pub const DELTAS: &str = "deltas";
/// `watchlists` in `watch`.
pub const WATCHLISTS: &str = "watchlists";

/// The answer of `POST /stream/tickets`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StreamTicket {
    /// To be sent once, in the stream's first message.
    #[cfg_attr(feature = "openapi", schema(example = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2UiOiJ0aWNrZXQifQ.c2lnbmF0dXJl"))]
    pub ticket: String,
    /// Seconds until it is refused.
    #[cfg_attr(feature = "openapi", schema(example = 30))]
    pub expires_in: u64,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// Signs the connection in; a browser's first message.
    Auth {
        /// From `POST /stream/tickets`.
        ticket: String,
    },
    /// Adds symbols to the connection's own set.
    Subscribe {
        /// The symbols to add. One that is none is rejected by itself.
        symbols: Vec<String>,
        /// The least time between two `ticks` messages; 0: every round.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interval_ms: Option<u32>,
        /// Where an earlier connection stopped.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resume: Option<Resume>,
    },
    /// Takes symbols from the connection's own set.
    Unsubscribe {
        /// The symbols to take away.
        symbols: Vec<Symbol>,
    },
    /// Follows a watchlist, or the set of them. Said again of the same list, with another `prices`, it changes that.
    Watch {
        /// Which list.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        watchlist: Option<WatchlistId>,
        /// Whether its symbols are subscribed as long as they are on it; else only what is on it is told, and the client
        /// subscribes what it shows.
        #[serde(default = "with_prices", skip_serializing_if = "bool::clone")]
        prices: bool,
        /// Whether a change of it is told as `watchlist_changed`; else the whole list is told again.
        #[serde(default, skip_serializing_if = "is_false")]
        deltas: bool,
        /// Whether the set of the account's lists is followed: which there are, their names, order and numbers of items.
        #[serde(default, skip_serializing_if = "is_false")]
        watchlists: bool,
    },
    /// Follows a watchlist, or the set of them, no longer.
    Unwatch {
        /// Which list.
        #[serde(default, deserialize_with = "given", skip_serializing_if = "Option::is_none")]
        watchlist: Option<WatchlistId>,
        /// Whether it is the set.
        #[serde(default, skip_serializing_if = "is_false")]
        watchlists: bool,
    },
    /// Asks for a `pong`.
    Ping {
        /// Comes back in the answer.
        id: u64,
    },
}

impl ClientMessage {
    /// Whether it is to follow, or to follow no longer, and does not say what.
    pub fn names_nothing(&self) -> bool {
        matches!(
            self,
            Self::Watch { watchlist: None, watchlists: false, .. }
                | Self::Unwatch { watchlist: None, watchlists: false }
        )
    }
}

/// A field that may be missing, and is not null.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A list is followed with its prices where nothing is said of them.
fn with_prices() -> bool {
    true
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The last that a client has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resume {
    /// The epoch of that connection's `hello`.
    pub epoch: String,
    /// The highest `seq` that arrived.
    pub seq: u64,
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerMessage {
    /// The first message, once the client is known.
    Hello {
        /// Names this run of rounds: sequence numbers of another epoch mean nothing.
        epoch: String,
        /// The number of the time for which one node runs the feed. It only rises: what has a lower one is older.
        #[serde(default)]
        term: u64,
        /// Names this connection in the server's log.
        session: String,
        /// The server's clock.
        server_time: DateTime<Utc>,
        /// What the connection may do.
        limits: Limits,
        /// Where prices come from.
        feed: Source,
        /// What this server understands beyond the first version of the protocol: [`FEATURES`].
        #[serde(default)]
        features: Vec<String>,
    },
    /// After every change of the set of symbols.
    Subscribed {
        /// The whole current set, sorted.
        symbols: Vec<Symbol>,
        /// What was asked for and not granted.
        rejected: Vec<Rejection>,
    },
    /// The last values of newly subscribed symbols.
    Snapshot {
        /// The epoch of `seq`.
        #[serde(default)]
        epoch: String,
        /// The term of that round.
        #[serde(default)]
        term: u64,
        /// The round up to which they are current.
        seq: u64,
        /// One for each symbol.
        quotes: Vec<Quote>,
    },
    /// The newest values of what changed.
    Ticks(Ticks),
    /// The state of the exchanges or of the feed changed.
    Market(Market),
    /// A followed watchlist, at first and after every change.
    Watchlist {
        /// Which list.
        id: WatchlistId,
        /// Its name; null where the list has been deleted.
        name: Option<ListName>,
        /// Its version; 0 where the list has been deleted.
        version: u64,
        /// Its items, in its owner's order.
        items: Vec<WatchlistItem>,
    },
    /// What changed on a watchlist that is followed with `deltas`.
    WatchlistChanged {
        /// Which list.
        id: WatchlistId,
        /// The version that it has now.
        version: u64,
        /// The version that the changes lead from. Who holds another one must read the list again.
        from_version: u64,
        /// The steps, to be applied one after the other.
        changes: Vec<ListChange>,
    },
    /// The set of the account's lists, at first and after every change.
    Watchlists {
        /// The set's version, which rises with every change of any list.
        version: u64,
        /// The lists, in their owner's order.
        items: Vec<WatchlistEntry>,
    },
    /// An alert of the account has triggered.
    Alert {
        /// The trigger. The same may be told twice: its id tells.
        event: AlertEvent,
    },
    /// Rounds were missed: a fresh snapshot follows.
    Gap {
        /// The last round that was seen.
        from: u64,
        /// The round of the snapshot.
        to: u64,
        /// The epoch of `to`. Where it is another than before, the numbers have begun anew.
        #[serde(default)]
        epoch: String,
        /// The term of that round.
        #[serde(default)]
        term: u64,
        /// Why.
        #[serde(default)]
        reason: GapReason,
    },
    /// Answers a `ping`.
    Pong {
        /// From the `ping`.
        id: u64,
    },
    /// A message was not carried out; the connection stays.
    Error {
        /// The kind of error, as in the API's problems.
        code: String,
        /// What was wrong.
        message: String,
    },
    /// The connection is about to be closed by the server.
    Bye {
        /// Why.
        reason: String,
        /// When to come back.
        retry_after_ms: u64,
    },
}

/// A list in the set of an account's lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchlistEntry {
    /// Which list.
    pub id: WatchlistId,
    /// Its name.
    pub name: ListName,
    /// Its place among its owner's lists, from 0.
    pub position: u32,
    /// How many items it has.
    pub count: u32,
    /// Its version, which is its `ETag`.
    pub version: u64,
}

impl From<WatchlistSummary> for WatchlistEntry {
    fn from(list: WatchlistSummary) -> Self {
        let WatchlistSummary { id, name, position, version, item_count: count, .. } = list;
        Self { id, name, position, count, version }
    }
}

/// Why rounds are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapReason {
    /// The client has not received them.
    #[default]
    Missed,
    /// The feed has begun anew, as its store was lost or came back with an older state.
    Restarted,
    /// The clock of the feed has been set: times may be earlier than before.
    ClockSet,
    /// Prices come from another source than before.
    SourceChanged,
}

impl GapReason {
    /// Whether what follows may be older than what was seen before: their times cannot be compared.
    pub fn takes_back(self) -> bool {
        matches!(self, Self::ClockSet | Self::SourceChanged)
    }
}

/// What a connection may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most symbols in its set.
    pub max_symbols: u32,
    /// The most bytes of one message.
    pub max_message_bytes: u32,
    /// How often the server pings.
    pub ping_interval_ms: u32,
    /// How long it waits for the pong.
    pub pong_timeout_ms: u32,
}

/// Where prices come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The source's name.
    pub source: String,
    /// How it comes to its prices.
    pub mode: Mode,
}

/// A symbol that was not subscribed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    /// Which symbol, as it was asked for.
    pub symbol: String,
    /// Why: `invalid_symbol`, `unknown_symbol` or `too_many_symbols`.
    pub code: String,
}

/// The newest values of what changed since the last message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticks {
    /// The epoch of `seq`.
    #[serde(default)]
    pub epoch: String,
    /// The term of that round.
    #[serde(default)]
    pub term: u64,
    /// The newest round that is in it.
    pub seq: u64,
    /// When the feed published that round, in Unix microseconds.
    pub ts: i64,
    /// One row for each symbol that changed.
    #[serde(rename = "d")]
    pub rows: Vec<TickRow>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quote::Reason;

    #[test]
    fn a_row_may_grow_at_its_end() {
        let row = r#"["AAPL","189.23",1763800000119,"188.10","188.50","190.00",null,51234567,"a_new_reason",{}]"#;
        let text = format!(r#"{{"type":"ticks","seq":42,"ts":1763800000123456,"d":[{row}]}}"#);
        let ServerMessage::Ticks(ticks) = serde_json::from_str(&text).expect("a message") else {
            panic!("ticks are ticks");
        };
        assert_eq!(ticks.rows[0].price.to_string(), "189.23");
        assert_eq!((ticks.rows[0].low, ticks.rows[0].volume), (None, Some(51_234_567)));
        assert_eq!(ticks.rows[0].stale, Some(Reason::Other));
        let short: TickRow =
            serde_json::from_str(r#"["AAPL","189.23",1763800000119]"#).expect("a row of another version");
        assert_eq!(short.previous_close, None);
        assert!(serde_json::from_str::<TickRow>(r#"["AAPL","189.23"]"#).is_err());
    }

    /// The wire format, to the letter: what is changed here is changed for every client.
    #[test]
    fn messages_have_this_form() {
        let quote = r#"{"symbol":"AAPL","price":"189.23","currency":"USD","previous_close":"188.10","open":"188.50","high":"190.00","low":"187.90","volume":51234567,"as_of":"2026-11-20T15:30:00.119Z","source":"sim","mode":"simulated","stale":false}"#;
        let absent = r#"{"symbol":"IBM","price":null,"currency":"USD","previous_close":null,"open":null,"high":null,"low":null,"volume":null,"as_of":null,"source":"replay","mode":"replay","stale":false,"reason":"not_covered"}"#;
        let item = r#"{"symbol":"AAPL","name":"Apple Inc.","mic":"XNAS","currency":"USD","position":0,"note":null,"flag":"red","section":null,"added_at":"2026-11-20T15:30:00Z"}"#;
        for text in [
            r#"{"type":"hello","epoch":"e","term":3,"session":"s","server_time":"2026-11-20T15:30:00Z","limits":{"max_symbols":5000,"max_message_bytes":65536,"ping_interval_ms":25000,"pong_timeout_ms":10000},"feed":{"source":"sim","mode":"simulated"},"features":["deltas","watchlists"]}"#.to_owned(),
            r#"{"type":"subscribed","symbols":["AAPL","MSFT"],"rejected":[{"symbol":"A B","code":"invalid_symbol"}]}"#.to_owned(),
            format!(r#"{{"type":"snapshot","epoch":"e","term":3,"seq":41,"quotes":[{quote},{absent}]}}"#),
            r#"{"type":"ticks","epoch":"e","term":3,"seq":42,"ts":1763800000123456,"d":[["AAPL","189.23",1763800000119,"188.10","188.50","190.00","187.90",51234567]]}"#.to_owned(),
            r#"{"type":"ticks","epoch":"e","term":3,"seq":43,"ts":1763800001123456,"d":[["AAPL","189.23",1763800000119,null,null,null,null,null,"no_data"]]}"#.to_owned(),
            r#"{"type":"market","exchanges":[{"mic":"XNAS","timezone":"America/New_York","status":"open","next_change":"2026-11-20T21:00:00Z","next_status":"after_hours","next_open":"2026-11-23T14:30:00Z","closure":null,"assumed":false}],"feed":{"source":"sim","mode":"simulated","status":"running","epoch":"e","term":3,"seq":42,"age_ms":7,"degraded":false,"sources":[{"source":"finnhub","mode":"live","status":"up","detail":null,"last_success":"2026-11-20T15:30:00Z","calls_today":41,"budget_left":null,"streaming":true}]}}"#.to_owned(),
            format!(r#"{{"type":"watchlist","id":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","name":"Tech","version":7,"items":[{item}]}}"#),
            format!(r#"{{"type":"watchlist_changed","id":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","version":8,"from_version":7,"changes":[{{"change":"rename","name":"Chips"}},{{"change":"remove","symbol":"IBM"}},{{"change":"put","item":{item},"after":null}},{{"change":"move","symbol":"MSFT","after":"AAPL"}}]}}"#),
            r#"{"type":"watchlists","version":9,"items":[{"id":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","name":"Tech","position":0,"count":3,"version":7}]}"#.to_owned(),
            r#"{"type":"gap","from":41,"to":57,"epoch":"e","term":3,"reason":"missed"}"#.to_owned(),
            r#"{"type":"gap","from":0,"to":1,"epoch":"e2","term":4,"reason":"clock_set"}"#.to_owned(),
            r#"{"type":"pong","id":1}"#.to_owned(),
            r#"{"type":"error","code":"not_found","message":"There is no such watchlist."}"#.to_owned(),
            r#"{"type":"bye","reason":"restart","retry_after_ms":1500}"#.to_owned(),
        ] {
            let message: ServerMessage = serde_json::from_str(&text).expect("a message");
            assert_eq!(serde_json::to_string(&message).expect("JSON"), text);
        }
    }

    #[test]
    fn unknown_operations_and_fields_are_refused() {
        for text in [
            r#"{"op":"dance"}"#,
            r#"{"op":"ping","id":1,"x":2}"#,
            r#"{"op":"ping"}"#,
            r#"{"op":"ping","id":-1}"#,
            r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","prices":null}"#,
            r#"{"op":"watch","watchlist":null,"watchlists":true}"#,
            r#"{"op":"watch","watchlists":"all"}"#,
            r#"{"op":"unwatch","watchlist":null}"#,
            "[]",
            "1",
        ] {
            assert!(serde_json::from_str::<ClientMessage>(text).is_err(), "{text}");
        }
        let text = r#"{"op":"subscribe","symbols":["aapl"],"interval_ms":250,"resume":{"epoch":"x","seq":41}}"#;
        assert!(serde_json::from_str::<ClientMessage>(text).is_ok());
    }

    #[test]
    fn what_is_followed_is_named() {
        let list = r#""watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt""#;
        for (fields, names_nothing) in [
            (list.to_owned(), false),
            (r#""watchlists":true"#.to_owned(), false),
            (format!(r#"{list},"watchlists":true"#), false),
            (r#""watchlists":false"#.to_owned(), true),
        ] {
            for op in ["watch", "unwatch"] {
                let text = format!(r#"{{"op":"{op}",{fields}}}"#);
                let message: ClientMessage = serde_json::from_str(&text).expect("a message");
                assert_eq!(message.names_nothing(), names_nothing, "{text}");
            }
        }
        let message: ClientMessage = serde_json::from_str(r#"{"op":"watch"}"#).expect("a message");
        assert!(message.names_nothing());
    }

    #[test]
    fn a_list_is_watched_with_its_prices_unless_the_client_says_otherwise() {
        for (text, expected) in [
            (r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt"}"#, true),
            (r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","prices":false}"#, false),
            (r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","prices":false,"deltas":true}"#, false),
        ] {
            let message: ClientMessage = serde_json::from_str(text).expect("a message");
            assert!(matches!(message, ClientMessage::Watch { prices, .. } if prices == expected), "{text}");
            assert_eq!(serde_json::to_string(&message).expect("JSON"), text);
        }
    }
}
