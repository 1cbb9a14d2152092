//! Accounts with alerts and destinations in a database of their own, and the delivery on it.

use crate::TRIGGERS;
use crate::receiver::Receiver;
use chrono::Utc;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use watchtape::auth::Secret;
use watchtape::db::account_opening::{self, NewAccount};
use watchtape::db::alert::CheckedAlert;
use watchtape::db::destination::{self, NewRow, Target};
use watchtape::db::{Db, alert, alert_event, delivery};
use watchtape::ids;
use watchtape::notify::delivery::backlog::Limits;
use watchtape::notify::delivery::{Deliveries, Senders};
use watchtape::notify::outbound::{Outbound, PublicResolver};
use watchtape::notify::state::LinkOrigin;
use watchtape::notify::web_push::VapidKey;
use watchtape::notify::webhook::signature::new_secret;
use watchtape_shared::alert::AlertEvent;
use watchtape_shared::destination::WebhookFormat;
use watchtape_shared::{AlertId, DestinationId, Symbol, UserId};

/// Triggers that the engine stores in one transaction.
const PORTION: usize = 100;

/// An alert with one destination.
#[derive(Clone)]
struct Line {
    owner: UserId,
    alert: AlertId,
    destination: DestinationId,
    answers: bool,
}

pub(crate) struct Scene<'a> {
    db: Db,
    lines: Vec<Line>,
    receiver: &'a Receiver,
    queued: Arc<Notify>,
    delivery: JoinHandle<()>,
    _folder: TempDir,
}

impl Drop for Scene<'_> {
    fn drop(&mut self) {
        self.delivery.abort();
    }
}

impl<'a> Scene<'a> {
    pub(crate) async fn set(
        url: Option<&str>,
        receiver: &'a Receiver,
        accounts: usize,
        hanging: usize,
        failing: usize,
    ) -> Self {
        let folder = TempDir::new().expect("a folder");
        let file = format!("sqlite:{}", folder.path().join("watchtape.db").display());
        let db = Db::open(&url.unwrap_or(&file).parse().expect("a URL")).expect("a database");
        let mut lines = Vec::new();
        for account in 0..accounts {
            let share = TRIGGERS / accounts;
            let urls: Vec<String> = (account * share..(account + 1) * share)
                .map(|at| {
                    let path = match at % (TRIGGERS / (hanging + failing).max(1)) {
                        0 if at / (TRIGGERS / (hanging + failing).max(1)) < hanging && hanging > 0 => "hang",
                        0 if failing > 0 => "fail",
                        _ => "ok",
                    };
                    format!("http://{}/{path}", receiver.address)
                })
                .collect();
            lines.extend(account_with(&db, urls).await);
        }
        let queued = Arc::new(Notify::new());
        let allow = "127.0.0.1".parse().expect("a list");
        let secret = Secret::new("an installation's own secret, long enough").expect("long enough");
        let senders = Senders {
            outbound: Outbound::new(PublicResolver::of_system(allow)).expect("a client"),
            vapid: VapidKey::new(&secret, None),
            mails: None,
            origin: LinkOrigin::default(),
        };
        let deliveries = Deliveries {
            db: db.clone(),
            senders: Arc::new(senders),
            queued: queued.clone(),
            limits: Limits::default(),
            metrics: Arc::default(),
        };
        let delivery = actix_web::rt::spawn(Arc::new(deliveries).run());
        Self { db, lines, receiver, queued, delivery, _folder: folder }
    }

    /// Has every alert trigger in one round. Returns how long each took to a destination that answers.
    pub(crate) async fn round(&self) -> Vec<Duration> {
        let lines = self.lines.clone();
        let events: Vec<(Line, AlertEvent)> =
            lines.into_iter().map(|line| (line.clone(), event(&line.alert))).collect();
        let ids: Vec<String> = events
            .iter()
            .filter(|(line, _)| line.answers)
            .map(|(line, event)| delivery::id_of(&event.id, &line.destination))
            .collect();
        let began = Instant::now();
        // In portions, as the engine stores them.
        for portion in events.chunks(PORTION) {
            let portion = portion.to_vec();
            let written = self.db.write(move |connection| {
                let events: Vec<_> = portion.iter().map(|(line, event)| (&line.owner, event)).collect();
                alert_event::insert_all(connection, &events)?;
                delivery::queue_all(connection, &events)
            });
            written.await.expect("a transaction");
            self.queued.notify_one();
        }
        loop {
            let times = self.receiver.times();
            let there: Vec<Duration> = ids.iter().filter_map(|id| Some(*times.get(id)? - began)).collect();
            if there.len() == ids.len() {
                return there;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until no try is under way, and nothing is to be tried for minutes.
    pub(crate) async fn settled(&self) {
        tokio::time::sleep(Duration::from_secs(25)).await;
    }
}

async fn account_with(db: &Db, urls: Vec<String>) -> Vec<Line> {
    let id = ids::user();
    let email: watchtape_shared::account::Email = format!("{id}@example.com").parse().expect("an address");
    let new = NewAccount {
        id,
        display_name: "A person".parse().expect("a name"),
        email,
        password_hash: "$argon2id$".to_owned(),
        first_list: ids::watchlist(),
    };
    let made = db.write(move |connection| {
        let owner = account_opening::open(connection, &new)?.id;
        let mut destinations: Vec<(DestinationId, String)> = Vec::new();
        let mut lines = Vec::new();
        for url in urls {
            // Of an account with many alerts all go to one destination.
            let known = destinations.iter().find(|(_, one)| *one == url).map(|(id, _)| id.clone());
            let destination = match known {
                Some(id) => id,
                None => {
                    let id = ids::destination();
                    let secrets = vec![new_secret()];
                    let target = Target::Webhook { url: url.clone(), format: WebhookFormat::Standard, secrets };
                    let name = "A hook".parse().expect("a name");
                    destination::create(connection, &owner, NewRow { id: id.clone(), name, target, confirm_hash: None })?;
                    destinations.push((id.clone(), url.clone()));
                    id
                }
            };
            let (alert, symbol): (AlertId, Symbol) = (ids::alert(), "AAPL".parse().expect("a symbol"));
            let new = json!({
                "symbol": symbol, "condition": { "type": "crosses_above", "price": "200" }, "destinations": [destination],
            });
            let new = serde_json::from_value(new).expect("an alert");
            alert::create(connection, &owner, vec![CheckedAlert { id: alert.clone(), symbol, new }], TRIGGERS)?;
            lines.push(Line { owner: owner.clone(), alert, destination, answers: url.ends_with("/ok") });
        }
        Ok(lines)
    });
    made.await.expect("an account")
}

fn event(alert: &AlertId) -> AlertEvent {
    let now = Utc::now();
    let event = json!({
        "id": ids::alert_event(), "alert_id": alert, "symbol": "AAPL",
        "condition": { "type": "crosses_above", "price": "200" }, "note": null, "price": "200.31",
        "previous_price": "199.9", "as_of": now, "source": "sim", "mode": "simulated", "triggered_at": now, "late_s": null,
    });
    serde_json::from_value(event).expect("a trigger")
}
