//! PostgreSQL dies under load for good, and its standby takes its place.

use super::on;
use crate::support::postgres::Postgres;
use crate::support::process::Served;
use crate::support::redis::Redis;
use crate::support::{Account, Client, within};
use serde_json::json;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Accounts that write all the while, half of them on each node.
const WRITERS: usize = 8;

/// An account that changes a note again and again.
#[derive(Default)]
struct Writer {
    /// Whether it gives up at the first failure, so that nothing is written over what it was told last.
    gives_up: bool,
    /// The number of the last change that was acknowledged, and of the last that was sent.
    acknowledged: Cell<u64>,
    sent: Cell<u64>,
    acknowledged_at: Cell<Option<Instant>>,
}

async fn write(client: Client, item: String, writer: Rc<Writer>) {
    loop {
        let number = writer.sent.get() + 1;
        writer.sent.set(number);
        let note = json!({ "note": number.to_string() });
        if client.patch(&item, &note, None).await.status.is_success() {
            writer.acknowledged.set(number);
            writer.acknowledged_at.set(Some(Instant::now()));
        } else if writer.gives_up {
            return;
        } else {
            // As clients do that are told to come again.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[actix_web::test]
async fn what_was_acknowledged_outlives_its_database() {
    let (mut postgres, redis) = (Postgres::with_standby(), Redis::started());
    let folder = TempDir::new().expect("a folder");
    let (url, store) = (postgres.url_of_both("postgres"), redis.url());
    let flags = [
        ["--database-url", &url],
        ["--redis-url", &store],
        ["--data-dir", folder.path().to_str().expect("a path")],
        ["--workers", "1"],
    ];
    let nodes = [Served::start(flags.as_flattened()), Served::start(flags.as_flattened())];
    let mut writers = Vec::new();
    for at in 0..WRITERS {
        let account: Account = Client::new(nodes[at % 2].address).register().await;
        let list = account.first_list().await;
        account.add(&list, &["AAPL"]).await;
        let gives_up = at >= WRITERS / 2;
        let (item, writer) = (format!("{list}/items/AAPL"), Rc::new(Writer { gives_up, ..Writer::default() }));
        let task = actix_web::rt::spawn(write(account.client.clone(), item.clone(), writer.clone()));
        writers.push((account, list, writer, task));
    }
    let write_after = async |moment: Instant, which: fn(&Writer) -> bool| {
        for (_, _, writer, _) in writers.iter().filter(|(_, _, writer, _)| which(writer)) {
            while writer.acknowledged_at.get() < Some(moment) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    };
    within(write_after(Instant::now(), |_| true)).await;
    let postgres = actix_web::web::block(move || {
        postgres.promote_standby();
        postgres
    });
    let _postgres = postgres.await.expect("no panic");
    let promoted = Instant::now();
    within(write_after(promoted, |writer| !writer.gives_up)).await;
    let gone_on = writers.iter().filter(|(_, _, writer, _)| !writer.gives_up);
    let written = gone_on.filter_map(|(_, _, writer, _)| writer.acknowledged_at.get());
    let took = written.map(|at| at - promoted).max().unwrap_or_default();
    println!("every writer that went on has written again within {took:?} of the standby's promotion");
    for (account, list, writer, task) in writers {
        task.abort();
        let held = on(&nodes[0], &account).get(&list).await.expect(200)["items"][0]["note"].clone();
        let held: u64 = held.as_str().and_then(|note| note.parse().ok()).expect("a number");
        let (acknowledged, sent) = (writer.acknowledged.get(), writer.sent.get());
        assert!((acknowledged..=sent).contains(&held), "{held} is held, {acknowledged} were acknowledged of {sent}");
    }
}
