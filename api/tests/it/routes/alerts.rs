//! Alerts: made, changed, paused, deleted; by one and by many. When they trigger is `alerts`' business.

use crate::support::{Account, Backend, TestServer, on_both_databases};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

on_both_databases!(
    an_alert_is_made_read_changed_and_deleted,
    what_cannot_be_an_alert_is_refused_by_its_member,
    what_is_so_already_is_refused_with_the_price,
    a_new_high_needs_as_many_days,
    there_are_at_most_as_many_alerts_as_are_set,
    an_alert_is_paused_and_resumed,
    an_alert_that_has_expired_is_resumed_once_it_has_more_time,
    a_version_guards_every_change_of_an_alert,
    what_decides_starts_an_alert_anew,
    alerts_are_listed_by_state_and_symbol_in_pages,
    many_alerts_are_changed_at_once_or_none,
    an_alert_that_is_sent_twice_is_made_once,
    a_list_says_how_many_alerts_there_are,
    the_export_has_alerts_and_a_deleted_account_has_none,
    strangers_destinations_are_unknown,
    a_condition_is_tried_on_the_past,
);

/// Above any price of the simulated market.
const HIGH: &str = "900000";

fn above(symbol: &str) -> Value {
    json!({ "symbol": symbol, "condition": { "type": "above", "price": HIGH } })
}

async fn make(account: &Account, alert: &Value) -> Value {
    account.client.post("/api/v1/alerts", alert).await.expect(201)
}

fn path_of(alert: &Value) -> String {
    format!("/api/v1/alerts/{}", alert["id"].as_str().expect("an id"))
}

async fn an_alert_is_made_read_changed_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let new = json!({
        "symbol": "nasdaq:aapl",
        "condition": { "type": "crosses_above", "price": "900000.50" },
        "frequency": "every_time", "cooldown_s": 300, "rearm_percent": "0.5", "session": "extended",
        "expires_at": "2999-01-01T00:00:00Z", "note": "take profit",
    });
    let answer = account.client.post("/api/v1/alerts", &new).await;
    let alert = answer.expect(201);
    assert_eq!((answer.header("etag"), answer.header("location")), ("\"1\"", path_of(&alert).as_str()));
    assert_eq!(alert["symbol"], "AAPL", "any spelling of a symbol is taken");
    assert_eq!(alert["condition"], json!({ "type": "crosses_above", "price": "900000.50" }));
    for (member, value) in
        new.as_object().expect("members").iter().filter(|(name, _)| !["symbol"].contains(&name.as_str()))
    {
        assert_eq!(alert[member], *value, "{member}");
    }
    assert_eq!((&alert["state"], &alert["trigger_count"]), (&json!("active"), &json!(0)));

    let path = path_of(&alert);
    assert_eq!(account.client.get(&path).await.expect(200), alert);
    let patch = json!({ "condition": { "type": "enters", "low": "800000.00", "high": "900000.00" }, "note": null });
    let changed = account.client.patch(&path, &patch, Some("\"1\"")).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!((&changed["condition"], &changed["note"]), (&patch["condition"], &Value::Null));
    assert_eq!(changed["cooldown_s"], 300, "what is not named stays");
    let same = account.client.patch(&path, &json!({ "session": "extended" }), None).await;
    assert_eq!(same.header("etag"), "\"2\"", "what changes nothing is no new version");
    let once = account.client.patch(&path, &json!({ "frequency": "once" }), None).await.expect(200);
    assert_eq!(once["cooldown_s"], Value::Null, "a pause goes with every_time alone");

    account.client.delete(&path, None).await.expect(204);
    account.client.get(&path).await.refused(404, "not_found");
    account.client.delete(&path, None).await.refused(404, "not_found");
}

async fn what_cannot_be_an_alert_is_refused_by_its_member(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let with = |member: &str, value: Value| {
        let mut alert = above("AAPL");
        alert[member] = value;
        alert
    };
    for (alert, code, pointer) in [
        (with("symbol", json!("ZZZZZ")), "unknown_symbol", "/symbol"),
        (with("condition", json!({ "type": "above" })), "invalid", "/condition"),
        (with("condition", json!({ "type": "above", "price": "-1" })), "invalid", "/condition"),
        (with("condition", json!({ "type": "sideways", "price": "1" })), "invalid", "/condition/type"),
        (with("condition", json!({ "type": "enters", "low": "2", "high": "1" })), "invalid", "/condition/high"),
        (with("condition", json!({ "type": "change_percent", "percent": "0" })), "invalid", "/condition/percent"),
        (
            with("condition", json!({ "type": "moves_percent", "percent": "1", "within_minutes": 1441 })),
            "invalid",
            "/condition/within_minutes",
        ),
        (with("condition", json!({ "type": "new_high", "days": 4 })), "invalid", "/condition/days"),
        (with("condition", json!({ "type": "stale", "minutes": 0 })), "invalid", "/condition/minutes"),
        (with("cooldown_s", json!(60)), "invalid", "/cooldown_s"),
        (with("rearm_percent", json!("50.1")), "invalid", "/rearm_percent"),
        (with("rearm_percent", json!("-1")), "invalid", "/rearm_percent"),
        (with("expires_at", json!("2001-01-01T00:00:00Z")), "invalid", "/expires_at"),
        (with("colour", json!("red")), "invalid", "/colour"),
    ] {
        let problem = account.client.post("/api/v1/alerts", &alert).await.refused(422, code);
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{alert}: {problem}");
    }
    let mut short = above("AAPL");
    (short["frequency"], short["cooldown_s"]) = (json!("every_time"), json!(59));
    account.client.post("/api/v1/alerts", &short).await.refused(422, "invalid");
    assert_eq!(account.client.get("/api/v1/alerts").await.expect(200)["items"], json!([]));
}

async fn what_is_so_already_is_refused_with_the_price(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let quote = priced(&account, "AAPL").await;
    let price = quote["price"].as_str().expect("a price");
    for condition in [
        json!({ "type": "crosses_above", "price": "0.01" }),
        json!({ "type": "crosses_below", "price": HIGH }),
        json!({ "type": "enters", "low": "0.01", "high": HIGH }),
        json!({ "type": "leaves", "low": "800000", "high": HIGH }),
    ] {
        let alert = json!({ "symbol": "AAPL", "condition": condition });
        let problem = account.client.post("/api/v1/alerts", &alert).await.refused(422, "already_met");
        let detail = problem["detail"].as_str().expect("a detail");
        assert!(detail.contains("AAPL is at ") && detail.contains(" USD"), "{detail}, where the price was {price}");
        assert_eq!(problem["errors"][0]["pointer"], "/condition");
    }
    // At once, or an event that has another side first.
    for condition in [json!({ "type": "above", "price": "0.01" }), json!({ "type": "crosses", "price": "0.01" })] {
        make(&account, &json!({ "symbol": "AAPL", "condition": condition })).await;
    }
    // A patch is checked as a new alert is.
    let alert = make(&account, &above("AAPL")).await;
    let patch = json!({ "condition": { "type": "crosses_above", "price": "0.01" } });
    account.client.patch(&path_of(&alert), &patch, None).await.refused(422, "already_met");
    assert_eq!(account.client.get(&path_of(&alert)).await.header("etag"), "\"1\"");
}

/// The quote of a symbol, once it has a price.
async fn priced(account: &Account, symbol: &str) -> Value {
    loop {
        let quotes = account.client.get(&format!("/api/v1/quotes?symbols={symbol}")).await.expect(200);
        if quotes["items"][0]["price"].is_string() {
            return quotes["items"][0].clone();
        }
        tokio::task::yield_now().await;
    }
}

async fn a_new_high_needs_as_many_days(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    priced(&account, "AAPL").await;
    let new_high = |days: u32| json!({ "symbol": "AAPL", "condition": { "type": "new_high", "days": days } });
    // The simulated market has the days of five years.
    make(&account, &new_high(1000)).await;
    let problem = account.client.post("/api/v1/alerts", &new_high(1300)).await.refused(422, "too_little_history");
    assert_eq!(problem["errors"][0]["pointer"], "/condition/days");
    assert!(problem["detail"].as_str().expect("a detail").contains("1300 are needed"), "{problem}");
}

async fn there_are_at_most_as_many_alerts_as_are_set(backend: Backend) {
    let server = TestServer::start_with(backend, &["--alerts-per-account", "3"]).await;
    let account = server.client().register().await;
    // At once: counting and inserting must not interleave.
    let body = above("AAPL");
    let made = (0..6).map(|_| account.client.post("/api/v1/alerts", &body));
    let answers = futures_util::future::join_all(made).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 3);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        answer.refused(409, "too_many_alerts");
    }
    // What is deleted in the same change makes room.
    let alerts = account.client.get("/api/v1/alerts").await.expect(200);
    let bulk = json!({ "delete": [alerts["items"][0]["id"]], "create": [above("MSFT")] });
    account.client.post("/api/v1/alerts/bulk", &bulk).await.expect(200);
}

async fn an_alert_is_paused_and_resumed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let alert = make(&account, &above("AAPL")).await;
    let to = |verb: &str| format!("{}/{verb}", path_of(&alert));
    let paused = account.client.post(&to("pause"), &json!({})).await;
    assert_eq!((paused.header("etag"), &paused.expect(200)["state"]), ("\"2\"", &json!("paused")));
    let again = account.client.post(&to("pause"), &json!({})).await;
    assert_eq!(again.header("etag"), "\"2\"");
    let resumed = account.client.post(&to("resume"), &json!({})).await;
    assert_eq!((resumed.header("etag"), &resumed.expect(200)["state"]), ("\"3\"", &json!("active")));
}

async fn an_alert_that_has_expired_is_resumed_once_it_has_more_time(backend: Backend) {
    use diesel::connection::SimpleConnection;
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mut new = above("AAPL");
    new["expires_at"] = json!("2999-01-01T00:00:00Z");
    let alert = make(&account, &new).await;
    server
        .connect()
        .batch_execute("UPDATE alerts SET state = 'expired', expires_at = '2001-01-01 00:00:00'")
        .expect("to be written");
    let resume = format!("{}/resume", path_of(&alert));
    account.client.post(&resume, &json!({})).await.refused(422, "alert_expired");
    let later = json!({ "expires_at": "2999-01-01T00:00:00Z" });
    assert_eq!(account.client.patch(&path_of(&alert), &later, None).await.expect(200)["state"], "active");
}

async fn a_version_guards_every_change_of_an_alert(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let alert = make(&account, &above("AAPL")).await;
    let path = path_of(&alert);
    let note = json!({ "note": "one" });
    account.client.patch(&path, &note, Some("\"1\"")).await.expect(200);
    let late = account.client.patch(&path, &json!({ "note": "two" }), Some("\"1\"")).await;
    late.refused(412, "version_mismatch");
    assert_eq!(late.header("etag"), "\"2\"");
    account.client.delete(&path, Some("\"1\"")).await.refused(412, "version_mismatch");
    let read = account.client.request(reqwest::Method::GET, &path).header("If-None-Match", "\"2\"");
    assert_eq!(account.client.send(read).await.status, 304);
    account.client.delete(&path, Some("\"2\"")).await.expect(204);
}

async fn what_decides_starts_an_alert_anew(backend: Backend) {
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    #[derive(QueryableByName)]
    struct Arming {
        #[diesel(sql_type = BigInt)]
        arming: i64,
    }
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let alert = make(&account, &above("AAPL")).await;
    let arming = || {
        let rows: Vec<Arming> =
            diesel::sql_query("SELECT arming FROM alerts").load(&mut server.connect()).expect("to be read");
        rows[0].arming
    };
    assert_eq!(arming(), 1);
    account.client.patch(&path_of(&alert), &json!({ "note": "a note" }), None).await.expect(200);
    assert_eq!(arming(), 1, "a note decides nothing");
    let level = json!({ "condition": { "type": "above", "price": "900001" } });
    account.client.patch(&path_of(&alert), &level, None).await.expect(200);
    assert_eq!(arming(), 2);
    account.client.post(&format!("{}/pause", path_of(&alert)), &json!({})).await.expect(200);
    account.client.post(&format!("{}/resume", path_of(&alert)), &json!({})).await.expect(200);
    assert_eq!(arming(), 4);
}

async fn alerts_are_listed_by_state_and_symbol_in_pages(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mut made = Vec::new();
    for symbol in ["AAPL", "MSFT", "AAPL", "NVDA", "AAPL"] {
        made.push(make(&account, &above(symbol)).await["id"].clone());
    }
    account
        .client
        .post(&format!("/api/v1/alerts/{}/pause", made[0].as_str().expect("an id")), &json!({}))
        .await
        .expect(200);
    let ids = |page: &Value| -> Vec<Value> {
        page["items"].as_array().expect("items").iter().map(|alert| alert["id"].clone()).collect()
    };
    let first = account.client.get("/api/v1/alerts?limit=3").await.expect(200);
    assert_eq!(ids(&first), [made[4].clone(), made[3].clone(), made[2].clone()], "the newest first");
    let cursor = first["next_cursor"].as_str().expect("more");
    let rest = account.client.get(&format!("/api/v1/alerts?limit=3&cursor={cursor}")).await.expect(200);
    assert_eq!((ids(&rest), &rest["next_cursor"]), (vec![made[1].clone(), made[0].clone()], &Value::Null));
    account.client.get(&format!("/api/v1/alerts?state=active&cursor={cursor}")).await.refused(400, "invalid_query");
    let of_symbol = account.client.get("/api/v1/alerts?symbol=AAPL&state=active").await.expect(200);
    assert_eq!(ids(&of_symbol), [made[4].clone(), made[2].clone()]);
    account.client.get("/api/v1/alerts?limit=0").await.refused(400, "invalid_query");
    account.client.get("/api/v1/alerts?state=ringing").await.refused(400, "invalid_query");
    let stranger = server.client().register().await;
    assert_eq!(stranger.client.get("/api/v1/alerts").await.expect(200)["items"], json!([]));
}

async fn many_alerts_are_changed_at_once_or_none(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let (one, two) = (make(&account, &above("AAPL")).await, make(&account, &above("MSFT")).await);
    let nobodys = "alr_01kaq2f8s5e8rvm0r2j5c4n6xt";
    let bulk = json!({
        "create": [above("NVDA"), above("AMD")], "pause": [one["id"], nobodys], "delete": [two["id"]],
    });
    let done = account.client.post("/api/v1/alerts/bulk", &bulk).await.expect(200);
    let created = done["created"].as_array().expect("alerts");
    assert_eq!((&created[0]["symbol"], &created[1]["symbol"]), (&json!("NVDA"), &json!("AMD")));
    assert_eq!((&done["changed"][0]["id"], &done["changed"][0]["state"]), (&one["id"], &json!("paused")));
    assert_eq!((&done["deleted"], &done["not_found"]), (&json!([two["id"]]), &json!([nobodys])));
    // One that cannot be keeps all from it.
    let mut wrong = above("AAPL");
    wrong["symbol"] = json!("ZZZZZ");
    let bulk = json!({ "create": [above("NVDA"), wrong], "resume": [one["id"]] });
    let problem = account.client.post("/api/v1/alerts/bulk", &bulk).await.refused(422, "unknown_symbol");
    assert_eq!(problem["errors"][0]["pointer"], "/create/1/symbol");
    assert_eq!(account.client.get(&path_of(&one)).await.expect(200)["state"], "paused");
    assert_eq!(account.client.get("/api/v1/alerts").await.expect(200)["items"].as_array().expect("items").len(), 3);
    account.client.post("/api/v1/alerts/bulk", &json!({})).await.refused(422, "invalid");
    let too_many = vec![json!(nobodys); 501];
    account.client.post("/api/v1/alerts/bulk", &json!({ "delete": too_many })).await.refused(422, "invalid");
}

async fn an_alert_that_is_sent_twice_is_made_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let request = || {
        let request = account.client.request(reqwest::Method::POST, "/api/v1/alerts");
        account.client.send(request.header("Idempotency-Key", "\"a-key\"").json(&above("AAPL")))
    };
    let (first, second) = (request().await, request().await);
    assert_eq!((first.expect(201), second.header("idempotency-replayed")), (second.expect(201), "true"));
    assert_eq!(account.client.get("/api/v1/alerts").await.expect(200)["items"].as_array().expect("items").len(), 1);
}

async fn a_list_says_how_many_alerts_there_are(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "MSFT"]).await;
    let (one, _) = (make(&account, &above("AAPL")).await, make(&account, &above("AAPL")).await);
    let counts = |answer: &Value| -> Vec<Value> {
        answer["items"].as_array().expect("items").iter().map(|item| item["alert_count"].clone()).collect()
    };
    let with_alerts = format!("{list}?include=alerts");
    let before = account.client.get(&with_alerts).await;
    assert_eq!(counts(&before.expect(200)), [json!(2), json!(0)]);
    account.client.post(&format!("{}/pause", path_of(&one)), &json!({})).await.expect(200);
    let after = account.client.get(&with_alerts).await;
    assert_eq!(counts(&after.expect(200)), [json!(1), json!(0)]);
    assert_ne!(before.header("etag"), after.header("etag"), "the tag is of the counts too");
    let both = account.client.get(&format!("{list}?include=quotes,alerts")).await.expect(200);
    assert!(both["items"][0]["quote"].is_object() && both["items"][0]["alert_count"] == 1, "{both}");
    let without = account.client.get(&list).await.expect(200);
    assert!(without["items"][0].get("alert_count").is_none(), "{without}");
    account.client.get(&format!("{list}?include=weather")).await.refused(400, "invalid_query");
}

async fn the_export_has_alerts_and_a_deleted_account_has_none(backend: Backend) {
    use diesel::prelude::*;
    use diesel::sql_types::BigInt;
    #[derive(QueryableByName)]
    struct Count {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let alert = make(&account, &above("AAPL")).await;
    let export = account.client.get("/api/v1/me/export").await.expect(200);
    assert_eq!((&export["alerts"], &export["alert_events"]), (&json!([alert]), &json!([])));
    let body = json!({ "password": account.password });
    let delete = account.client.request(reqwest::Method::DELETE, "/api/v1/me").json(&body);
    account.client.send(delete).await.expect(204);
    let count = |query: &str| {
        let rows: Vec<Count> = diesel::sql_query(query).load(&mut server.connect()).expect("to be read");
        rows[0].count
    };
    assert_eq!(count("SELECT COUNT(*) AS count FROM alerts"), 0);
    assert_eq!(count("SELECT COUNT(*) AS count FROM alert_changes"), 1, "the node that evaluates it is told");
}

async fn strangers_destinations_are_unknown(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mut new = above("AAPL");
    new["destinations"] = json!(["dst_01kaq2f8s5e8rvm0r2j5c4n6xt"]);
    let problem = account.client.post("/api/v1/alerts", &new).await.refused(422, "unknown_destination");
    assert_eq!(problem["errors"][0]["pointer"], "/destinations");
    new["destinations"] = json!(vec!["dst_01kaq2f8s5e8rvm0r2j5c4n6xt"; 21]);
    account.client.post("/api/v1/alerts", &new).await.refused(422, "invalid");
    assert_eq!(account.client.get("/api/v1/alerts").await.expect(200)["items"], json!([]));
}

async fn a_condition_is_tried_on_the_past(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    priced(&account, "AAPL").await;
    let preview = |condition: Value, days: u32| {
        let body = json!({ "symbol": "NASDAQ:AAPL", "condition": condition, "days": days });
        let client = account.client.clone();
        async move { client.post("/api/v1/alerts/preview", &body).await }
    };
    let time = |value: &Value| -> DateTime<Utc> { value.as_str().expect("a time").parse().expect("a time") };

    // The simulated market has the days of five years, and the minutes of five sessions.
    let below_all = preview(json!({ "type": "above", "price": "0.01" }), 60).await.expect(200);
    let parts = below_all["parts"].as_array().expect("parts");
    assert_eq!((&parts[0]["resolution"], &parts[1]["resolution"], parts.len()), (&json!("day"), &json!("minute"), 2));
    assert!(time(&parts[0]["to"]) <= time(&parts[1]["from"]) + TimeDelta::days(1), "{parts:?}");
    // It never goes back, so that it is told once, at the beginning.
    assert_eq!((&below_all["count"], &below_all["triggers"][0]["at"]), (&json!(1), &parts[0]["from"]));
    assert_eq!(preview(json!({ "type": "above", "price": HIGH }), 60).await.expect(200)["count"], 0);

    // A level that the first day's close is at was crossed, or else every later price is on one side of it.
    let bars = account.client.get("/api/v1/quotes/AAPL/bars?interval=1d&limit=40").await.expect(200);
    let bars = bars["items"].as_array().expect("bars");
    let level = bars[10]["close"].clone();
    let crossed = preview(json!({ "type": "crosses", "price": level }), 60).await.expect(200);
    let triggers = crossed["triggers"].as_array().expect("triggers");
    assert!(!triggers.is_empty(), "{level} was crossed on the way to and from that close: {crossed}");
    let days: Vec<_> = triggers.iter().map(|trigger| time(&trigger["at"]).date_naive()).collect();
    assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "at most once a trading day, in order: {days:?}");
    assert_eq!(crossed["count"], triggers.len());
    // A window of minutes is known where minutes are.
    let moves =
        preview(json!({ "type": "moves_percent", "percent": "0.1", "within_minutes": 60 }), 60).await.expect(200);
    assert_eq!(
        (moves["parts"].as_array().map(Vec::len), &moves["parts"][0]["resolution"]),
        (Some(1), &json!("minute"))
    );

    let stale = preview(json!({ "type": "stale", "minutes": 5 }), 30).await.refused(422, "invalid");
    assert_eq!(stale["errors"][0]["pointer"], "/condition");
    let no_days = preview(json!({ "type": "above", "price": "1" }), 0).await.refused(422, "invalid");
    assert_eq!(no_days["errors"][0]["pointer"], "/days");
    let unknown = json!({ "symbol": "ZZZZZ", "condition": { "type": "above", "price": "1" } });
    account.client.post("/api/v1/alerts/preview", &unknown).await.refused(422, "unknown_symbol");
    assert_eq!(account.client.get("/api/v1/alerts").await.expect(200)["items"], json!([]), "nothing is made");
}
