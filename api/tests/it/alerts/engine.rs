//! Alerts from outside: what prices that the test has written trigger, on both databases.

use super::story::Story;
use crate::support::vendor::{FakeRest, FakeStream, Peer, Reply};
use crate::support::{Account, Backend, TestServer, exchange_days, on_both_databases, until};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use watchtape::db::alert;
use watchtape::db::list_lock::Expected;
use watchtape_shared::alert::AlertState;
use watchtape_shared::quote::Mode;
use watchtape_shared::{AlertId, Price};

on_both_databases!(
    a_crossing_triggers_once_and_is_recorded,
    an_alert_is_armed_again_where_the_price_has_gone_back,
    once_a_session_is_once_on_each_trading_day,
    changes_from_the_previous_close_and_of_a_window_trigger,
    a_new_high_is_above_as_many_days_as_are_recorded,
    what_crossed_while_nobody_ran_is_told_late,
    changes_of_alerts_are_in_force_while_the_server_runs,
    prices_outside_regular_hours_count_where_they_are_to,
    a_price_that_is_held_triggers_once_it_is_confirmed,
);

fn of(symbol: &str, condition: &Value) -> Value {
    json!({ "symbol": symbol, "condition": condition })
}

fn apple(kind: &str, price: &str) -> Value {
    of("AAPL", &json!({ "type": kind, "price": price }))
}

fn with(mut alert: Value, name: &str, value: Value) -> Value {
    alert[name] = value;
    alert
}

async fn a_crossing_triggers_once_and_is_recorded(backend: Backend) {
    let story = Story::new(backend).await;
    let above = story.alert(&with(apple("crosses_above", "102"), "note", "take profit".into()));
    let never = story.alert(&apple("crosses_above", "110"));
    let begins_above = story.alert(&apple("crosses_above", "97.5"));
    let below = story.alert(&apple("below", "99"));
    let paused = story.alert(&apple("above", "1"));
    alert::set_paused(&mut story.connect(), &story.owner, &paused.id, &Expected::Any, true).expect("paused");
    let _served = story
        .play(0, &[["100", "99.5", "101", "100.5"], ["101", "99.8", "103", "102.5"], ["101", "98", "104", "103.3"]])
        .await;
    story.until_compared("AAPL", "103.3").await;
    let events = story.events();
    assert_eq!(events.len(), 2, "{events:?}");
    let event = &events[0];
    assert_eq!((&event.alert_id, &event.condition), (&above.id, &above.condition));
    assert_eq!(event.note.as_ref().map(|note| note.as_str()), Some("take profit"));
    assert_eq!(
        [event.price, event.previous_price],
        ["103", "99.8"].map(|text| Some(Price::parse(text).expect("a price")))
    );
    assert_eq!(
        (event.as_of.date_naive().to_string(), event.mode, event.source.as_str()),
        ("2013-03-05".into(), Mode::Replay, "replay")
    );
    assert_eq!((&events[1].alert_id, events[1].price), (&below.id, Some(Price::parse("98").expect("a price"))));
    let found = story.find(&above.id);
    assert_eq!((found.state, found.version, found.trigger_count), (AlertState::Triggered, 2, 1));
    assert!(found.last_triggered_at.is_some());
    for (alert, state) in
        [(&never, AlertState::Active), (&paused, AlertState::Paused), (&begins_above, AlertState::Active)]
    {
        let found = story.find(&alert.id);
        assert_eq!((found.state, found.trigger_count), (state, 0));
    }
}

async fn an_alert_is_armed_again_where_the_price_has_gone_back(backend: Backend) {
    let each =
        |alert: Value, rearm: &str| with(with(alert, "frequency", "every_time".into()), "rearm_percent", rearm.into());
    let alerts = [
        each(apple("crosses_above", "100"), "1"),
        each(apple("crosses_above", "100"), "0"),
        each(apple("crosses", "100"), "1"),
        each(of("AAPL", &json!({ "type": "leaves", "low": "99", "high": "101" })), "0.5"),
    ];
    let (vendor, ids) = Vendor::start(backend, "00:00,23:59", &alerts).await;
    let mut peer = vendor.subscribed(&["AAPL"]).await;
    // The prices, and how many triggers there are after each. Longer apart than a cooldown.
    let path = [
        (99.5, 0),
        (99.2, 0),
        (100.2, 3),
        (99.8, 3),
        (100.4, 4),
        (99.0, 4),
        (100.0, 7),
        (99.9, 7),
        (98.9, 8),
        (98.0, 8),
        (102.0, 11),
        (101.0, 11),
        (100.0, 12),
        (99.8, 12),
        (100.3, 13),
        (97.0, 14),
        (105.0, 17),
    ];
    let begin = Utc::now() - TimeDelta::hours(1);
    for (minutes, (price, count)) in (0..).step_by(2).zip(path) {
        trade_at(&mut peer, "AAPL", price, begin + TimeDelta::minutes(minutes)).await;
        vendor.until_seen(price).await;
        vendor.until_triggers(count).await;
    }
    let prices: Vec<_> = ids.iter().map(|id| vendor.story.prices_of(id)).collect();
    assert_eq!(prices[0], ["100.20", "100.00", "102.00", "105.00"], "99 is a percent below, and 99.8 is not");
    assert_eq!(prices[1], ["100.20", "100.40", "100.00", "102.00", "100.30", "105.00"]);
    assert_eq!(prices[2], ["100.20", "100.00", "102.00", "100.00", "105.00"], "both ways");
    assert_eq!(prices[3], ["98.90", "97.00"], "98 and 102 come before it was well within");
    let found = vendor.story.find(&ids[1]);
    assert_eq!((found.state, found.trigger_count, found.version), (AlertState::Active, 6, 7));
}

async fn once_a_session_is_once_on_each_trading_day(backend: Backend) {
    let daily = with(apple("crosses_above", "100"), "frequency", "once_per_session".into());
    let (vendor, ids) = Vendor::start(backend, "00:00,23:59", &[with(daily, "rearm_percent", "0".into())]).await;
    let mut peer = vendor.subscribed(&["AAPL"]).await;
    let days = [
        &[(99.0, 0), (101.0, 1), (99.0, 1), (102.0, 1), (99.5, 1)][..],
        &[(100.5, 2), (99.0, 2), (101.5, 2)],
        &[(99.0, 2), (100.7, 3)],
    ];
    let now = Utc::now();
    for (ago, prices) in [3, 2, 1].into_iter().zip(days) {
        for (minute, (price, count)) in (0..).zip(prices) {
            trade_at(&mut peer, "AAPL", *price, now - TimeDelta::days(ago) + TimeDelta::minutes(minute)).await;
            vendor.until_seen(*price).await;
            vendor.until_triggers(*count).await;
        }
    }
    assert_eq!(vendor.story.prices_of(&ids[0]), ["101.00", "100.50", "100.70"]);
}

async fn changes_from_the_previous_close_and_of_a_window_trigger(backend: Backend) {
    let story = Story::new(backend).await;
    let day = story.alert(&of("AAPL", &json!({ "type": "change_percent", "percent": "-5" })));
    // A third of a session is 130 minutes.
    let quick = story.alert(&of("AAPL", &json!({ "type": "moves_percent", "percent": "4", "within_minutes": 140 })));
    let too_short = story.alert(&of("AAPL", &json!({ "type": "moves_percent", "percent": "4", "within_minutes": 60 })));
    let _served =
        story.play(0, &[["100", "98", "101", "100"], ["99", "97", "100", "99"], ["95", "94.05", "98", "97.3"]]).await;
    story.until_compared("AAPL", "97.3").await;
    assert_eq!(story.prices_of(&day.id), ["94.05"], "5 % below 99");
    assert_eq!(story.prices_of(&quick.id), ["98.00"], "4 % above 94.05");
    assert_eq!(story.prices_of(&too_short.id), Vec::<String>::new());
}

async fn a_new_high_is_above_as_many_days_as_are_recorded(backend: Backend) {
    let story = Story::new(backend).await;
    let high = story.alert(&of("AAPL", &json!({ "type": "new_high", "days": 5 })));
    let low = story.alert(&of("AAPL", &json!({ "type": "new_low", "days": 6 })));
    let flat = ["100", "99", "101", "100"];
    let days = [flat, flat, flat, flat, flat];
    // Bars are stored when the server stops.
    story.play(0, &days).await.terminate();
    let _served = story.play(5, &[["101", "98", "101.5", "101.5"]]).await;
    story.until_events(1).await;
    assert_eq!(story.prices_of(&high.id), ["101.50"], "101 is no new high");
    assert_eq!(story.prices_of(&low.id), Vec::<String>::new(), "of six days five are stored");
}

async fn what_crossed_while_nobody_ran_is_told_late(backend: Backend) {
    let story = Story::new(backend).await;
    let crossing = story.alert(&apple("crosses", "105"));
    let other = story.alert(&apple("crosses", "150"));
    let mut served = story.play(0, &[["100", "99", "101", "100.5"]]).await;
    story.until_compared("AAPL", "100.5").await;
    served.terminate();
    assert!(story.events().is_empty());
    let _served = story.play(1, &[["110", "109", "112", "111"]]).await;
    story.until_compared("AAPL", "111").await;
    let events = story.events();
    let [event] = &events[..] else { panic!("one trigger: {events:?}") };
    assert_eq!(
        [event.price, event.previous_price],
        ["110", "100.5"].map(|text| Some(Price::parse(text).expect("a price")))
    );
    assert!(event.late_s.is_some_and(|seconds| seconds > 0), "{event:?}");
    assert_eq!(event.alert_id, crossing.id);
    assert_eq!(story.find(&other.id).trigger_count, 0);
}

/// On a simulated market, which says so.
async fn changes_of_alerts_are_in_force_while_the_server_runs(backend: Backend) {
    let story = Story::new(backend).await;
    let _served = story.serve(&["--sim-interval-ms", "100"]);
    let met = story.alert(&apple("above", "0.01"));
    let event = story.until_events(1).await.remove(0);
    assert_eq!((&event.alert_id, event.mode, event.source.as_str()), (&met.id, Mode::Simulated, "sim"));

    let ending =
        story.alert(&with(apple("above", "100000000"), "expires_at", json!(Utc::now() + TimeDelta::seconds(1))));
    let over = story.alert(&with(apple("above", "0.01"), "expires_at", json!(Utc::now() - TimeDelta::seconds(1))));
    for alert in [&ending, &over] {
        until("its end", async || story.find(&alert.id).state == AlertState::Expired).await;
        let found = story.find(&alert.id);
        assert_eq!((found.version, found.trigger_count), (2, 0));
    }

    // Changed and resumed: it starts anew.
    let paused = story.alert(&apple("above", "100000000"));
    alert::set_paused(&mut story.connect(), &story.owner, &paused.id, &Expected::Any, true).expect("paused");
    let patch = serde_json::from_value(json!({ "condition": { "type": "above", "price": "0.01" } })).expect("a patch");
    alert::change(&mut story.connect(), &story.owner, &paused.id, &Expected::Any, &patch).expect("changed");
    let barrier = story.alert(&apple("above", "0.01"));
    until("a later alert's trigger", async || story.find(&barrier.id).trigger_count == 1).await;
    assert_eq!(story.find(&paused.id).trigger_count, 0);
    alert::set_paused(&mut story.connect(), &story.owner, &paused.id, &Expected::Any, false).expect("resumed");
    until("its trigger", async || story.find(&paused.id).trigger_count == 1).await;
    let gone = story.alert(&apple("above", "0.01"));
    alert::delete(&mut story.connect(), &story.owner, &gone.id, &Expected::Any).expect("deleted");
}

/// A server whose vendor the test speaks for.
struct Vendor {
    story: Story,
    server: TestServer,
    stream: FakeStream,
    account: Account,
    _rest: FakeRest,
}

impl Vendor {
    /// `hours` are the local ones of New York's exchanges on every day, where it is between 12:00 and 13:00.
    async fn start(backend: Backend, hours: &str, alerts: &[Value]) -> (Self, Vec<AlertId>) {
        let mut story = Story::new(backend).await;
        let ids = alerts.iter().map(|alert| story.alert(alert).id).collect();
        exchange_days::write_with_noon_now(&story.folder, hours);
        let stream = FakeStream::start().await;
        let rest = FakeRest::answering(|_| Reply::with(500, &[], "")).await;
        let (url, stream_url) = (rest.url(), format!("ws://{}", stream.address()));
        let flags =
            ["--feed", "finnhub", "--finnhub-key", "k", "--finnhub-url", &url, "--finnhub-stream-url", &stream_url];
        let server = TestServer::start_on(story.hand_over(), &flags).await;
        let account = server.client().register().await;
        (Self { story, server, stream, account, _rest: rest }, ids)
    }

    /// The stream once all of these symbols are subscribed: alerts are watched for, whoever looks.
    async fn subscribed(&self, symbols: &[&str]) -> Peer {
        let mut peer = self.stream.accept().await;
        let mut left: Vec<&str> = symbols.to_vec();
        while !left.is_empty() {
            let heard = peer.heard().await;
            left.retain(|symbol| heard["symbol"] != *symbol);
        }
        peer
    }

    /// Waits until this is AAPL's price. Of trades that come faster than they are taken only the newest counts.
    async fn until_seen(&self, price: f64) {
        let price = format!("{price:.2}");
        until("the price", async || {
            let quotes = self.account.client.get("/api/v1/quotes?symbols=AAPL").await.expect(200);
            quotes["items"][0]["price"] == price
        })
        .await;
    }

    /// Waits until so many triggers have been stored, and their alerts go on.
    async fn until_triggers(&self, count: usize) {
        until("the triggers", async || {
            let metrics = self.server.client().get("/metrics").await;
            assert_eq!(metrics.status.as_u16(), 200);
            metrics.text.lines().any(|line| line == format!("watchtape_alert_triggers_total {count}"))
        })
        .await;
    }
}

async fn trade(peer: &mut Peer, symbol: &str, price: f64) {
    trade_at(peer, symbol, price, Utc::now()).await;
}

async fn trade_at(peer: &mut Peer, symbol: &str, price: f64, at: DateTime<Utc>) {
    let at = at.timestamp_millis();
    peer.say(&json!({ "type": "trade", "data": [{ "s": symbol, "p": price, "t": at, "v": 1 }] })).await;
}

async fn prices_outside_regular_hours_count_where_they_are_to(backend: Backend) {
    let extended = with(apple("above", "100"), "session", "extended".into());
    let (vendor, ids) = Vendor::start(backend, "09:00,10:00", &[apple("above", "100"), extended]).await;
    let mut peer = vendor.subscribed(&["AAPL"]).await;
    trade(&mut peer, "AAPL", 99.0).await;
    trade(&mut peer, "AAPL", 101.0).await;
    let events = vendor.story.until_events(1).await;
    assert_eq!((events.len(), &events[0].alert_id, events[0].mode), (1, &ids[1], Mode::Live));
}

async fn a_price_that_is_held_triggers_once_it_is_confirmed(backend: Backend) {
    let other = of("MSFT", &json!({ "type": "above", "price": "50" }));
    let (vendor, ids) = Vendor::start(backend, "00:00,23:59", &[apple("above", "150"), other]).await;
    let mut peer = vendor.subscribed(&["AAPL", "MSFT"]).await;
    trade(&mut peer, "AAPL", 100.0).await;
    vendor.until_seen(100.0).await;
    trade(&mut peer, "AAPL", 160.0).await;
    trade(&mut peer, "MSFT", 60.0).await;
    let events = vendor.story.until_events(1).await;
    assert_eq!((events.len(), &events[0].alert_id), (1, &ids[1]), "60 % at once is held");
    trade(&mut peer, "AAPL", 160.0).await;
    let events = vendor.story.until_events(2).await;
    assert_eq!((&events[1].alert_id, events[1].price), (&ids[0], Some(Price::parse("160").expect("a price"))));
}
