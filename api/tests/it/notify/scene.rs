//! An account whose alerts are sent somewhere.

use crate::support::{Account, Backend, TestServer, until_some};
use chrono::Utc;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use watchtape::db::alert::CheckedAlert;
use watchtape::db::{alert, alert_event, delivery};
use watchtape::ids;
use watchtape_shared::alert::{AlertEvent, NewAlert};
use watchtape_shared::{DestinationId, Symbol, UserId};

pub(super) const DESTINATIONS: &str = "/api/v1/me/destinations";

/// A server, and an account on it.
pub(super) struct Scene {
    pub(super) server: TestServer,
    pub(super) account: Account,
    pub(super) owner: UserId,
}

impl Scene {
    /// Receivers of this machine are let in.
    pub(super) async fn set(backend: Backend) -> Self {
        Self::set_with(backend, &[]).await
    }

    /// The same with these flags.
    pub(super) async fn set_with(backend: Backend, flags: &[&str]) -> Self {
        let usual = ["--notify-allow", "127.0.0.1", "--sim-interval-ms", "60000"];
        let server = TestServer::start_with(backend, &[&usual, flags].concat()).await;
        let account = server.client().register().await;
        let owner = owner_of(&account).await;
        Self { server, account, owner }
    }

    /// Makes a webhook.
    pub(super) async fn webhook(&self, url: &str, format: &str) -> Value {
        webhook(&self.account, url, format).await
    }

    /// Writes a trigger of a new alert with these destinations, as the evaluator does.
    pub(super) fn trigger(&self, destinations: &[&Value], members: Value) -> AlertEvent {
        trigger(&self.server, &self.owner, destinations, members)
    }

    /// The deliveries to a destination, newest first.
    pub(super) async fn deliveries(&self, destination: &Value) -> Vec<Value> {
        let path = format!("{}/deliveries", path_of(destination));
        let page = self.account.client.get(&path).await.expect(200);
        page["items"].as_array().expect("deliveries").clone()
    }

    /// Waits until the newest delivery to a destination has been tried so often, and how that went is written.
    pub(super) async fn tried(&self, destination: &Value, tries: u64) -> Value {
        until_some("it is tried", async || {
            self.deliveries(destination).await.into_iter().next().filter(|newest| newest["tries"] == tries)
        })
        .await
    }

    /// Has what waits be due, as if the time had passed.
    pub(super) fn make_due(&self) {
        let change =
            "UPDATE deliveries SET due_at = '2020-01-01 00:00:00' WHERE state = 'pending' AND due_at IS NOT NULL";
        self.server.connect().batch_execute(change).expect("a change");
    }

    /// The destination as it is now.
    pub(super) async fn read(&self, destination: &Value) -> Value {
        self.account.client.get(&path_of(destination)).await.expect(200)
    }
}

pub(super) fn path_of(destination: &Value) -> String {
    format!("{DESTINATIONS}/{}", destination["id"].as_str().expect("an id"))
}

pub(super) async fn owner_of(account: &Account) -> UserId {
    let me = account.client.get("/api/v1/me").await.expect(200);
    me["id"].as_str().expect("an id").parse().expect("an id")
}

pub(super) async fn webhook(account: &Account, url: &str, format: &str) -> Value {
    let new = json!({ "type": "webhook", "url": url, "format": format });
    account.client.post(DESTINATIONS, &new).await.expect(201)
}

pub(super) fn trigger(server: &TestServer, owner: &UserId, destinations: &[&Value], members: Value) -> AlertEvent {
    let ids: Vec<DestinationId> =
        destinations.iter().map(|one| one["id"].as_str().expect("an id").parse().expect("an id")).collect();
    let new =
        json!({ "symbol": "AAPL", "condition": { "type": "crosses_above", "price": "200" }, "destinations": ids });
    let (mut connection, alert_id) = (server.connect(), ids::alert());
    let new: NewAlert = serde_json::from_value(new).expect("an alert");
    let condition = new.condition;
    let symbol = Symbol::parse(&new.symbol).expect("a symbol");
    alert::create(&mut connection, owner, vec![CheckedAlert { id: alert_id.clone(), symbol, new }], 500)
        .expect("an alert");
    let now = Utc::now();
    let mut event = json!({
        "id": ids::alert_event(), "alert_id": alert_id, "symbol": "AAPL", "condition": condition, "note": null,
        "price": "200.31", "previous_price": "199.9", "as_of": now, "source": "sim", "mode": "simulated",
        "triggered_at": now, "late_s": null,
    });
    let Value::Object(members) = members else { panic!("members") };
    for (name, value) in members {
        event[name] = value;
    }
    let event = serde_json::from_value(event).expect("a trigger");
    alert_event::insert(&mut connection, owner, &event).expect("a row");
    assert_eq!(delivery::queue(&mut connection, owner, &event).expect("rows"), ids.len());
    event
}
