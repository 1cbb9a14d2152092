//! Alerts while nodes are killed, and while Redis or PostgreSQL are gone: nothing is lost, and nothing comes twice.
//!
//! All nodes play one recording, and go on with it where the one before stopped, so that it is known what is to trigger.
//! `WATCHTAPE_TEST_KILLS` says how often nodes are killed; where it is set, outages are of 10 s.

use super::story::Story;
use crate::support::postgres::Postgres;
use crate::support::process::Served;
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::{Backend, Client, times, until, until_some};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use watchtape::db::alert::{self, Filter};
use watchtape_shared::AlertId;
use watchtape_shared::alert::AlertState;

/// How many times the leading node is killed, unless `WATCHTAPE_TEST_KILLS` says more.
const KILLS: usize = 2;
/// Batches of prices a second.
const SPEED: usize = 20;

/// Days on which the price rises by one each, from 100: each level is crossed once.
fn rising(count: usize) -> Vec<[String; 4]> {
    let day = |number: usize| {
        let price = |tenths: usize| format!("{}.{tenths}", 100 + number);
        // Low and high of the day, which are played between open and close.
        [price(1), price(0), price(9), price(5)]
    };
    (0..count).map(day).collect()
}

/// Nodes of one recording.
struct Nodes {
    story: Story,
    redis: Redis,
    to_postgres: Proxy,
    feed: String,
    /// An alert for each level, `once`.
    levels: Vec<AlertId>,
}

impl Nodes {
    async fn new(days: usize) -> Self {
        let story = Story::new(Backend::Postgres).await;
        // Each is crossed by the open of its day, or by its high.
        let levels = (1..days).map(|day| {
            let kind = if day % 2 == 0 { "crosses" } else { "crosses_above" };
            let price = format!("{}.{}", 100 + day, if day % 3 == 0 { 6 } else { 0 });
            story.alert(&json!({ "symbol": "AAPL", "condition": { "type": kind, "price": price } })).id
        });
        let levels = levels.collect();
        let days = rising(days);
        let days: Vec<[&str; 4]> = days.iter().map(|day| day.each_ref().map(String::as_str)).collect();
        let feed = format!("replay:{}", story.recording(0, &days));
        let to_postgres = Proxy::to(Postgres::shared().port());
        Self { story, redis: Redis::started(), to_postgres, feed, levels }
    }

    fn start(&self) -> Served {
        let (speed, redis) = (SPEED.to_string(), self.redis.url());
        let database = self.to_postgres.in_url(&self.story.setting());
        self.story.serve_on(&database, &["--feed", &self.feed, "--replay-speed", &speed, "--redis-url", &redis])
    }

    /// How many triggers there are.
    fn count(&self) -> usize {
        self.story.events().len()
    }

    /// Every alert has triggered once, whatever happened.
    async fn check(&self) {
        let expected = self.levels.len();
        let active = Filter { state: Some(AlertState::Active), symbol: None };
        let left =
            || alert::list(&mut self.story.connect(), &self.story.owner, &active, None, 1_000_000).expect("alerts");
        // As long as triggers come.
        loop {
            let before = left();
            if before.is_empty() {
                break;
            }
            until(&format!("{} alerts have triggered", before.len()), async || left().len() < before.len()).await;
        }
        let mut counts: BTreeMap<&AlertId, usize> = self.levels.iter().map(|id| (id, 0)).collect();
        let events = self.story.events();
        for event in &events {
            *counts.entry(&event.alert_id).or_default() += 1;
        }
        let twice: Vec<_> = counts.iter().filter(|(_, count)| **count > 1).collect();
        let never: Vec<_> = counts.iter().filter(|(_, count)| **count == 0).collect();
        let late = events.iter().filter(|event| event.late_s.is_some()).count();
        println!("{expected} alerts: {} fired twice, {} never, {late} said they were late", twice.len(), never.len());
        assert!(twice.is_empty() && never.is_empty(), "twice {twice:?}, never {never:?}");
    }
}

async fn readiness(node: &Served) -> Value {
    let answer = Client::new(node.address).get("/readyz").await;
    answer.json()
}

async fn leader(nodes: &[Served]) -> usize {
    until_some("one node runs the feed", async || {
        for (at, node) in nodes.iter().enumerate() {
            if readiness(node).await["runs_feed"] == true {
                return Some(at);
            }
        }
        None
    })
    .await
}

/// How long an outage takes: as long as is asked for where tests are long, and long enough to be seen.
fn outage() -> Duration {
    Duration::from_secs(if std::env::var_os("WATCHTAPE_TEST_KILLS").is_some() { 10 } else { 3 })
}

#[actix_web::test]
async fn alerts_trigger_once_while_leading_nodes_are_killed() {
    let kills = times(KILLS);
    // The feed plays five days a second, also while a node is started again.
    let nodes = Nodes::new(30 + 30 * kills).await;
    let mut served = vec![nodes.start(), nodes.start(), nodes.start()];
    for _ in 0..kills {
        let before = nodes.count();
        until("levels are crossed", async || nodes.count() > before + 5).await;
        let leader = leader(&served).await;
        served[leader].kill();
        served[leader] = nodes.start();
    }
    nodes.check().await;
}

#[actix_web::test]
async fn alerts_trigger_once_while_redis_is_gone() {
    let mut nodes = Nodes::new(60).await;
    let _served = [nodes.start(), nodes.start()];
    until("levels are crossed", async || nodes.count() > 5).await;
    nodes.redis.kill();
    tokio::time::sleep(outage()).await;
    nodes.redis.start();
    nodes.check().await;
}

#[actix_web::test]
async fn alerts_trigger_once_while_postgresql_is_gone() {
    let nodes = Nodes::new(100).await;
    let _served = [nodes.start(), nodes.start()];
    until("levels are crossed", async || nodes.count() > 5).await;
    nodes.to_postgres.refuse();
    tokio::time::sleep(outage()).await;
    nodes.to_postgres.heal();
    nodes.check().await;
    let late = nodes.story.events().iter().filter(|event| event.late_s.is_some()).count();
    assert!(late > 0, "what waited says so");
}
