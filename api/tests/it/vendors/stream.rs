//! Streams: the test speaks for the vendor, frame by frame.

use super::{PATIENT, pairs, price, prices, settings, streaming, tickers, without_key};
use crate::support::vendor::{FakeStream, Peer};
use crate::support::within;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use watchtape::feed::vendors::error::VendorError;
use watchtape::feed::vendors::finnhub::Finnhub;
use watchtape::feed::vendors::http::Deadlines;
use watchtape::feed::vendors::vendor::{Vendor, VendorQuote};
use watchtape_shared::ticker::Ticker;

/// Somebody who listens to a vendor.
struct Listener {
    wanted: watch::Sender<Arc<Vec<Arc<Ticker>>>>,
    heard: mpsc::Receiver<VendorQuote>,
    task: JoinHandle<Result<Infallible, VendorError>>,
}

impl Listener {
    fn start(vendor: Arc<dyn Vendor>, symbols: &[&str]) -> Self {
        let (wanted, receiver) = watch::channel(Arc::new(tickers(symbols)));
        let (sender, heard) = mpsc::channel(100);
        Self { wanted, heard, task: tokio::spawn(async move { vendor.run_stream(receiver, sender).await }) }
    }

    fn want(&self, symbols: &[&str]) {
        self.wanted.send_replace(Arc::new(tickers(symbols)));
    }

    async fn next(&mut self) -> VendorQuote {
        within(self.heard.recv()).await.expect("a quote")
    }

    /// Why it ended.
    async fn end(self) -> VendorError {
        let Err(error) = within(self.task).await.expect("no panic");
        without_key(&error).clone()
    }
}

async fn finnhub(deadlines: Deadlines, symbols: &[&str]) -> (Listener, Peer) {
    let fake = FakeStream::start().await;
    let [finnhub, _] = streaming(&fake, deadlines);
    let listener = Listener::start(finnhub, symbols);
    (listener, fake.accept().await)
}

/// Connected, and nothing said yet.
async fn alpaca(deadlines: Deadlines, symbols: &[&str]) -> (Listener, Peer) {
    let fake = FakeStream::start().await;
    let [_, alpaca] = streaming(&fake, deadlines);
    let listener = Listener::start(alpaca, symbols);
    (listener, fake.accept().await)
}

/// Greets and takes the key.
async fn welcome(peer: &mut Peer) {
    peer.say(&json!([{ "T": "success", "msg": "connected" }])).await;
    let auth = peer.heard().await;
    assert_eq!(auth, json!({ "action": "auth", "key": "hunter2-id", "secret": "hunter2-secret" }));
    peer.say(&json!([{ "T": "success", "msg": "authenticated" }])).await;
}

/// Takes a change of subscriptions, and confirms the whole set that it leaves.
async fn confirm(peer: &mut Peer, action: &str, symbols: &[&str], whole: &[&str]) {
    assert_eq!(peer.heard().await, json!({ "action": action, "trades": symbols }));
    peer.say(&json!([{ "T": "subscription", "trades": whole, "quotes": [], "bars": [] }])).await;
}

fn subscribe(symbol: &str) -> Value {
    json!({ "type": "subscribe", "symbol": symbol })
}

#[actix_web::test]
async fn finnhub_passes_on_trades_as_they_come() {
    let (mut listener, mut peer) = finnhub(PATIENT, &["AAPL", "BRK.B"]).await;
    assert_eq!(peer.target, "/stream?token=hunter2-finnhub");
    assert_eq!([peer.heard().await, peer.heard().await], [subscribe("AAPL"), subscribe("BRK.B")]);
    peer.say(&json!({ "type": "ping" })).await;
    peer.say(&json!({ "type": "error", "msg": "Invalid symbol" })).await;
    // Out of order, far ahead, a hundredfold, without a time: passed on. Of nobody's, without a price: not.
    peer.say(&json!({ "type": "trade", "data": [
        { "s": "AAPL", "p": 189.2, "t": 1_714_573_800_123_i64, "v": 100, "c": ["1"] },
        { "s": "AAPL", "p": 18920, "t": 4_102_444_800_000_i64, "v": 1 },
        { "s": "AAPL", "p": 189.1, "t": 1_714_573_799_000_i64 },
        { "s": "MSFT", "p": 1, "t": 1 },
        { "s": "AAPL", "p": null, "t": 1 },
        { "s": "AAPL", "p": 0, "t": 1 },
        { "s": "AAPL", "p": "7", "t": 1 },
        { "s": "BRK.B", "p": 400.5 },
    ] }))
    .await;
    let heard = [listener.next().await, listener.next().await, listener.next().await, listener.next().await];
    let expected = [("AAPL", "189.20"), ("AAPL", "18920.00"), ("AAPL", "189.10"), ("BRK.B", "400.50")];
    assert_eq!(prices(&heard), pairs(&expected));
    let millis = heard.map(|quote| quote.as_of.map(|at| at.timestamp_millis()));
    assert_eq!(millis, [Some(1_714_573_800_123), Some(4_102_444_800_000), Some(1_714_573_799_000), None]);
}

#[actix_web::test]
async fn finnhub_subscribes_what_is_wanted_and_nothing_else() {
    let (mut listener, mut peer) = finnhub(PATIENT, &["AAPL", "MSFT"]).await;
    assert_eq!([peer.heard().await, peer.heard().await], [subscribe("AAPL"), subscribe("MSFT")]);
    listener.want(&["MSFT", "GOOG"]);
    assert_eq!(peer.heard().await, json!({ "type": "unsubscribe", "symbol": "AAPL" }));
    assert_eq!(peer.heard().await, subscribe("GOOG"));
    peer.say(&json!({ "type": "trade", "data": [{ "s": "AAPL", "p": 1 }, { "s": "GOOG", "p": 2 }] })).await;
    assert_eq!(prices(&[listener.next().await]), pairs(&[("GOOG", "2.00")]), "what was left is not heard");
    let many: Vec<_> = (0..60).map(|number| format!("S{number:02}")).collect();
    listener.want(&many.iter().map(String::as_str).collect::<Vec<_>>());
    for kind in [["unsubscribe"; 2].as_slice(), &["subscribe"; 50]].concat() {
        assert_eq!(peer.heard().await["type"], kind);
    }
    listener.want(&["S00"]);
    assert_eq!(peer.heard().await["type"], "unsubscribe", "no more than fifty were subscribed");
}

#[actix_web::test]
async fn finnhub_says_why_it_will_not() {
    for (said, expected) in [
        ("Subscribing to too many symbols", VendorError::Limited(None)),
        ("Invalid API key: hunter2-finnhub", VendorError::Refused("no access with this key".to_owned())),
        ("hunter2", VendorError::Unavailable("an error in place of an answer".to_owned())),
    ] {
        let (listener, mut peer) = finnhub(PATIENT, &[]).await;
        peer.say(&json!({ "type": "error", "msg": said })).await;
        assert_eq!(listener.end().await, expected, "{said}");
    }
}

/// One symbol that the plan does not have, or that there is not, leaves the stream to the others.
#[actix_web::test]
async fn finnhub_that_refuses_a_symbol_streams_the_others() {
    let (mut listener, mut peer) = finnhub(PATIENT, &["AAPL", "ASMLF"]).await;
    for said in ["Invalid symbol ASMLF", "You don't have access to this resource.", "Subscription not allowed"] {
        peer.say(&json!({ "type": "error", "msg": said })).await;
    }
    peer.say(&json!({ "type": "trade", "data": [{ "s": "AAPL", "p": 189.2, "t": 1_714_573_800_000_i64 }] })).await;
    assert_eq!(prices(&[listener.next().await]), pairs(&[("AAPL", "189.20")]));
}

/// Prints that are averaged, derived or out of sequence are no prices; what a code of no known meaning changes is the last price
/// alone.
#[actix_web::test]
async fn the_conditions_of_a_trade_say_what_it_changes() {
    let (mut listener, mut peer) = finnhub(PATIENT, &["AAPL"]).await;
    let trade = |price: f64, codes: Value| json!({ "s": "AAPL", "p": price, "t": 1_714_573_800_000_i64, "c": codes });
    let data = [
        trade(250.0, json!(["30"])),
        trade(1.0, json!(["1", "3"])),
        trade(189.2, json!(["1"])),
        trade(189.3, json!(["12"])),
        trade(189.4, json!(["later"])),
        trade(189.5, Value::Null),
    ];
    peer.say(&json!({ "type": "trade", "data": data })).await;
    let heard = [listener.next().await, listener.next().await, listener.next().await, listener.next().await];
    assert_eq!(heard.map(|quote| quote.is_last_only), [false, true, true, false]);
    assert_eq!(heard[0].price, price("189.20"));

    let (mut listener, mut peer) = alpaca(PATIENT, &["AAPL"]).await;
    welcome(&mut peer).await;
    confirm(&mut peer, "subscribe", &["AAPL"], &["AAPL"]).await;
    let trade = |price: f64, codes: Value| json!({ "T": "t", "S": "AAPL", "p": price, "t": "2024-05-01T14:30:00Z", "c": codes, "z": "C" });
    peer.say(&json!([trade(250.0, json!(["@", "Z"])), trade(1.0, json!(["W"])), trade(189.2, json!(["@", "I"]))]))
        .await;
    let heard = listener.next().await;
    assert_eq!((heard.price, heard.is_last_only), (price("189.20"), true));
}

#[actix_web::test]
async fn alpaca_greets_takes_the_key_and_passes_on_trades() {
    let (mut listener, mut peer) = alpaca(PATIENT, &["AAPL", "BRK.B"]).await;
    welcome(&mut peer).await;
    confirm(&mut peer, "subscribe", &["AAPL", "BRK.B"], &["AAPL", "BRK.B"]).await;
    peer.say(&json!([
        { "T": "t", "S": "AAPL", "p": 189.2, "s": 100, "t": "2024-05-01T14:30:00.123456789Z", "c": ["@"] },
        { "T": "q", "S": "AAPL", "bp": 1, "t": "2024-05-01T14:30:00Z" },
        { "T": "t", "S": "AAPL", "p": 18920, "t": "2100-01-01T00:00:00Z" },
        { "T": "t", "S": "MSFT", "p": 1, "t": "2024-05-01T14:30:00Z" },
        { "T": "t", "S": "AAPL", "p": 0, "t": "2024-05-01T14:30:00Z" },
        { "T": "t", "S": "BRK.B", "p": 400.5, "t": "yesterday" },
    ]))
    .await;
    let heard = [listener.next().await, listener.next().await, listener.next().await];
    assert_eq!(prices(&heard), pairs(&[("AAPL", "189.20"), ("AAPL", "18920.00"), ("BRK.B", "400.50")]));
    assert_eq!(heard[0].as_of, Some("2024-05-01T14:30:00.123456789Z".parse().expect("a time")));
    assert_eq!(heard[2].as_of, None);
}

#[actix_web::test]
async fn alpaca_subscribes_what_is_wanted_one_confirmed_change_at_a_time() {
    let (mut listener, mut peer) = alpaca(PATIENT, &["AAPL", "MSFT"]).await;
    welcome(&mut peer).await;
    assert_eq!(peer.heard().await, json!({ "action": "subscribe", "trades": ["AAPL", "MSFT"] }));
    // Wanted while the first is not confirmed: the newest counts.
    listener.want(&["IBM"]);
    listener.want(&["MSFT", "GOOG"]);
    peer.say(&json!([{ "T": "subscription", "trades": ["AAPL", "MSFT"] }])).await;
    confirm(&mut peer, "unsubscribe", &["AAPL"], &["MSFT"]).await;
    confirm(&mut peer, "subscribe", &["GOOG"], &["GOOG", "MSFT"]).await;
    peer.say(&json!([{ "T": "t", "S": "AAPL", "p": 1 }, { "T": "t", "S": "GOOG", "p": 2 }])).await;
    assert_eq!(prices(&[listener.next().await]), pairs(&[("GOOG", "2.00")]));
    let many: Vec<_> = (0..40).map(|number| format!("S{number:02}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    listener.want(&many);
    confirm(&mut peer, "unsubscribe", &["GOOG", "MSFT"], &[]).await;
    confirm(&mut peer, "subscribe", &many[..30], &many[..30]).await;
}

#[actix_web::test]
async fn alpaca_that_leaves_a_symbol_out_streams_the_others_and_one_that_confirms_nothing_is_connected_to_anew() {
    let (mut listener, mut peer) = alpaca(PATIENT, &["AAPL", "MSFT"]).await;
    welcome(&mut peer).await;
    confirm(&mut peer, "subscribe", &["AAPL", "MSFT"], &["AAPL"]).await;
    peer.say(&json!([{ "T": "t", "S": "AAPL", "p": 189.2, "t": "2024-05-01T14:30:00Z" }])).await;
    assert_eq!(prices(&[listener.next().await]), pairs(&[("AAPL", "189.20")]));

    let (listener, mut peer) = alpaca(Deadlines { total: Duration::from_secs(3), ..PATIENT }, &["AAPL"]).await;
    welcome(&mut peer).await;
    assert_eq!(peer.heard().await["action"], "subscribe");
    assert_eq!(listener.end().await, VendorError::Unavailable("a subscription was not confirmed".to_owned()));
}

#[actix_web::test]
async fn alpacas_error_codes_say_whether_to_come_back() {
    for (code, is_refused) in [
        (400, false),
        (401, true),
        (402, true),
        (404, false),
        (405, true),
        (406, false),
        (407, false),
        (409, true),
        (500, false),
    ] {
        let error = json!([{ "T": "error", "code": code, "msg": "hunter2-secret" }]);
        let (at_the_door, mut peer) = alpaca(PATIENT, &["AAPL"]).await;
        peer.say(&error).await;
        let (later, mut peer_later) = alpaca(PATIENT, &[]).await;
        welcome(&mut peer_later).await;
        peer_later.say(&error).await;
        for listener in [at_the_door, later] {
            let error = listener.end().await;
            assert!(error.to_string().contains(&code.to_string()), "{error}");
            assert_eq!(matches!(error, VendorError::Refused(_)), is_refused, "{error:?}");
            assert_eq!(matches!(error, VendorError::Unavailable(_)), !is_refused, "{error:?}");
        }
    }
}

#[actix_web::test]
async fn a_stream_of_another_shape_is_malformed() {
    let texts = ["<html>", "{\"T\":", "7", "{}", "[{}]", "[{\"T\":\"success\",\"msg\":\"hunter2\"}]"];
    for message in texts.map(Message::text).into_iter().chain([Message::binary(vec![1, 2, 3])]) {
        let (listener, mut peer) = alpaca(PATIENT, &[]).await;
        peer.send(message.clone()).await;
        let error = listener.end().await;
        assert!(matches!(error, VendorError::Malformed(_)), "{message:?}: {error:?}");
    }
    for message in [Message::text("[]"), Message::text("{}"), Message::text("x".repeat((1 << 20) + 1))] {
        let (listener, mut peer) = finnhub(PATIENT, &[]).await;
        peer.push(message).await;
        let error = listener.end().await;
        assert!(matches!(error, VendorError::Malformed(_)), "{error:?}");
    }
}

#[actix_web::test]
async fn a_stream_that_says_nothing_at_all_is_given_up() {
    let hasty = Deadlines { silence: Duration::from_secs(2), ..PATIENT };
    // The peers are there and read nothing, so that no ping is answered.
    let (listener, _peer) = finnhub(hasty, &["AAPL"]).await;
    assert_eq!(listener.end().await, VendorError::Unavailable("silent".to_owned()));
    let (listener, mut peer) = alpaca(hasty, &["AAPL"]).await;
    welcome(&mut peer).await;
    assert_eq!(listener.end().await, VendorError::Unavailable("silent".to_owned()));
    // Nor is a greeting waited for.
    let (listener, _peer) = alpaca(Deadlines { total: Duration::from_millis(50), ..PATIENT }, &["AAPL"]).await;
    assert_eq!(listener.end().await, VendorError::Unavailable("no answer within 50 ms".to_owned()));
}

#[actix_web::test]
async fn a_quiet_stream_that_answers_pings_is_kept() {
    let (mut listener, mut peer) = finnhub(Deadlines { silence: Duration::from_secs(2), ..PATIENT }, &["AAPL"]).await;
    assert_eq!(peer.heard().await, subscribe("AAPL"));
    // Three pings are longer than the silence that would be too long.
    for _ in 0..3 {
        assert!(matches!(peer.frame().await, Message::Ping(_)));
    }
    peer.say(&json!({ "type": "trade", "data": [{ "s": "AAPL", "p": 7 }] })).await;
    assert_eq!(prices(&[listener.next().await]), pairs(&[("AAPL", "7.00")]));
}

#[actix_web::test]
async fn the_end_of_a_connection_is_told_by_its_code() {
    let (listener, mut peer) = finnhub(PATIENT, &[]).await;
    peer.send(Message::Close(Some(CloseFrame { code: 1013.into(), reason: "hunter2".into() }))).await;
    assert_eq!(listener.end().await, VendorError::Unavailable("the vendor closed the connection with 1013".to_owned()));
    let (listener, peer) = finnhub(PATIENT, &[]).await;
    drop(peer);
    assert_eq!(listener.end().await, VendorError::Unavailable("the connection ended".to_owned()));
    // Not even the handshake.
    let fake = FakeStream::start().await;
    for vendor in streaming(&fake, PATIENT) {
        let listener = Listener::start(vendor, &[]);
        drop(fake.accept_raw().await);
        assert!(matches!(listener.end().await, VendorError::Unavailable(_)));
    }
}

#[actix_web::test]
async fn a_stream_ends_when_nobody_wants_it() {
    let (Listener { wanted, task, .. }, mut peer) = finnhub(PATIENT, &[]).await;
    drop(wanted);
    assert!(matches!(peer.frame().await, Message::Close(_)), "it says goodbye");
    drop(peer);
    assert!(within(task).await.expect("no panic").is_err());

    let (Listener { wanted: _wanted, heard, task }, mut peer) = finnhub(PATIENT, &["AAPL"]).await;
    assert_eq!(peer.heard().await, subscribe("AAPL"));
    drop(heard);
    peer.say(&json!({ "type": "trade", "data": [{ "s": "AAPL", "p": 7 }] })).await;
    assert!(matches!(peer.frame().await, Message::Close(_)));
    drop(peer);
    assert!(within(task).await.expect("no panic").is_err());
}

#[actix_web::test]
async fn a_handshake_that_fails_says_why_without_the_key() {
    for (answer, expected) in [
        ("401 Unauthorized\r\n", VendorError::Refused("status 401".to_owned())),
        ("429 Too Many\r\nRetry-After: 5\r\n", VendorError::Limited(Some(Duration::from_secs(5)))),
        ("503 Gone\r\n", VendorError::Unavailable("status 503".to_owned())),
    ] {
        let fake = FakeStream::start().await;
        for vendor in streaming(&fake, PATIENT) {
            let listener = Listener::start(vendor, &[]);
            let mut stream = fake.accept_raw().await;
            let answer = format!("HTTP/1.1 {answer}Content-Length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("an open connection");
            assert_eq!(listener.end().await, expected);
        }
    }
    // Taken, and then nothing.
    let fake = FakeStream::start().await;
    for vendor in streaming(&fake, Deadlines { connect: Duration::from_millis(50), ..PATIENT }) {
        assert_eq!(
            Listener::start(vendor, &[]).end().await,
            VendorError::Unavailable("no connection within 50 ms".into())
        );
    }
    // Encrypted, where the other side is not.
    let fake = FakeStream::start().await;
    let settings = settings(&["--finnhub-stream-url", &format!("wss://{}", fake.address())]);
    let listener = Listener::start(Arc::new(Finnhub::open(&settings, PATIENT).expect("a vendor")), &[]);
    let mut stream = fake.accept_raw().await;
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.expect("an open connection");
    assert!(matches!(listener.end().await, VendorError::Unavailable(_)));
}
