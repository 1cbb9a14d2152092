//! kill -9 while items are being added: everything that was acknowledged is there after a restart, nothing is half there,
//! and each request that is sent again with its `Idempotency-Key` is answered as it was.

use crate::support::client::Answer;
use crate::support::process::Served;
use crate::support::{Account, Backend, Client, Database, on_both_databases, times};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

on_both_databases!(what_was_acknowledged_survives_a_kill);

/// How many times the server is killed, unless `WATCHTAPE_TEST_KILLS` says more; how many items are acknowledged before each.
const KILLS: usize = 10;
const ITEMS_BEFORE_A_KILL: usize = 12;
/// How many items there are to be added in a round: more than are, before the kill.
const ITEMS_OF_A_ROUND: usize = 50;

/// An item that was sent, and what was answered before the kill.
struct Sent {
    symbol: String,
    answer: Option<String>,
}

async fn what_was_acknowledged_survives_a_kill(backend: Backend) {
    let database = Database::ready(backend).await;
    let (url, folder) = (database.setting(), database.folder());
    let arguments = ["--database-url", &url, "--data-dir", folder.to_str().expect("a path")];
    let mut served = Served::start(&arguments);
    let account = Client::new(served.address).register().await;
    let symbols = catalogue_symbols(&account).await;
    for round in 0..times(KILLS) {
        let client = Client { address: served.address, ..account.client.clone() };
        let (key, new) = (format!("list-{round}"), json!({ "name": format!("Round {round}") }));
        let made = post(&client, "/api/v1/watchlists", &key, &new).await;
        let list = made.header("location").to_owned();
        let sent = add_until_killed(&client, &list, &symbols, &mut served).await;
        let acknowledged = sent.iter().filter(|sent| sent.answer.is_some()).count();
        assert!(acknowledged >= ITEMS_BEFORE_A_KILL, "round {round}: {acknowledged} acknowledged");

        served = Served::start(&arguments);
        let client = Client { address: served.address, ..account.client.clone() };
        let present = present_and_whole(&client, &list).await;
        is_replayed(&post(&client, "/api/v1/watchlists", &key, &new).await, &made.text);
        for Sent { symbol, answer } in &sent {
            let again =
                post(&client, &format!("{list}/items"), &key_of(&list, symbol), &json!({ "symbol": symbol })).await;
            match answer {
                Some(answer) => {
                    assert!(present.contains(symbol), "round {round}: {symbol} was acknowledged and is gone");
                    is_replayed(&again, answer);
                }
                // Its answer was lost: it was done, and is not done again, or is done now.
                None => assert_eq!(again.header("idempotency-replayed") == "true", present.contains(symbol)),
            }
            again.expect(201);
        }
        let present = present_and_whole(&client, &list).await;
        assert_eq!(present.len(), sent.len(), "round {round}: each was added once");
        client.delete(&list, None).await.expect(204);
    }
}

fn is_replayed(again: &Answer, before: &str) {
    assert_eq!((again.status.as_u16(), again.text.as_str()), (201, before));
    assert_eq!(again.header("idempotency-replayed"), "true");
}

fn key_of(list: &str, symbol: &str) -> String {
    format!("{list}/{symbol}")
}

async fn post(client: &Client, path: &str, key: &str, body: &Value) -> Answer {
    client.send(client.request(Method::POST, path).header("Idempotency-Key", key).json(body)).await
}

/// The symbols of a list of which nothing is half there: each item came with its version, and stands at its place.
async fn present_and_whole(client: &Client, list: &str) -> Vec<String> {
    let found = client.get(list).await.expect(200);
    let items = found["items"].as_array().expect("items");
    assert_eq!(found["version"].as_u64(), Some(1 + items.len() as u64));
    let positions: Vec<&Value> = items.iter().map(|item| &item["position"]).collect();
    assert_eq!(json!(positions), json!((0..items.len()).collect::<Vec<_>>()));
    items.iter().map(|item| item["symbol"].as_str().expect("a symbol").to_owned()).collect()
}

async fn catalogue_symbols(account: &Account) -> Vec<String> {
    let page = account.client.get(&format!("/api/v1/tickers?limit={ITEMS_OF_A_ROUND}")).await.expect(200);
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["symbol"].as_str().expect("a symbol").to_owned()).collect()
}

/// Four writers at once; the server is killed under them once enough has been acknowledged.
async fn add_until_killed(client: &Client, list: &str, symbols: &[String], served: &mut Served) -> Vec<Sent> {
    let sent = Mutex::new(Vec::new());
    let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let writer = || async {
        while let Some(symbol) = symbols.get(next.fetch_add(1, Ordering::Relaxed)) {
            let request = client.request(Method::POST, &format!("{list}/items"));
            let request = request.header("Idempotency-Key", key_of(list, symbol)).json(&json!({ "symbol": symbol }));
            // An error is the kill: what it was about may be there or not.
            let answer = match request.send().await {
                Ok(answer) => {
                    assert_eq!(answer.status().as_u16(), 201, "{answer:?}");
                    answer.text().await.ok()
                }
                Err(_) => None,
            };
            let lost = answer.is_none();
            sent.lock().expect("no panic").push(Sent { symbol: symbol.clone(), answer });
            if lost {
                return;
            }
            count.fetch_add(1, Ordering::Relaxed);
        }
    };
    let killer = async {
        while count.load(Ordering::Relaxed) < ITEMS_BEFORE_A_KILL {
            tokio::task::yield_now().await;
        }
        served.kill();
    };
    futures_util::future::join(futures_util::future::join_all((0..4).map(|_| writer())), killer).await;
    sent.into_inner().expect("no panic")
}
