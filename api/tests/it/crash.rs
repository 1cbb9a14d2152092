//! kill -9 while items are being added: everything that was acknowledged is there after a restart.

use crate::support::process::Served;
use crate::support::{Account, Backend, Client, Database, on_both_databases};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};

on_both_databases!(what_was_acknowledged_survives_a_kill);

/// How many times the server is killed, and how many items are acknowledged before each.
const KILLS: usize = 20;
const ITEMS_BEFORE_A_KILL: usize = 12;

async fn what_was_acknowledged_survives_a_kill(backend: Backend) {
    let database = Database::ready(backend).await;
    let (url, folder) = (database.setting(), database.folder());
    let arguments = ["--database-url", &url, "--data-dir", folder.to_str().expect("a path")];
    let mut served = Served::start(&arguments);
    let account = Client::new(served.address).register().await;
    let symbols = catalogue_symbols(&account).await;
    let mut symbols = symbols.chunks(50);
    for round in 0..KILLS {
        let client = Client { address: served.address, ..account.client.clone() };
        let list = json!({ "name": format!("Round {round}") });
        let list = client.post("/api/v1/watchlists", &list).await.header("location").to_owned();
        let acknowledged = add_until_killed(&client, &list, symbols.next().expect("enough symbols"), &mut served).await;
        assert!(acknowledged.len() >= ITEMS_BEFORE_A_KILL, "round {round}: {} acknowledged", acknowledged.len());

        served = Served::start(&arguments);
        let client = Client { address: served.address, ..account.client.clone() };
        let found = client.get(&list).await.expect(200);
        let items = found["items"].as_array().expect("items");
        let present: HashSet<&str> = items.iter().filter_map(|item| item["symbol"].as_str()).collect();
        for symbol in &acknowledged {
            assert!(present.contains(symbol.as_str()), "round {round}: {symbol} was acknowledged and is gone");
        }
        // Nothing half: each item came with its version.
        assert_eq!(found["version"].as_u64(), Some(1 + items.len() as u64), "round {round}");
        let positions: Vec<&Value> = items.iter().map(|item| &item["position"]).collect();
        assert_eq!(json!(positions), json!((0..items.len()).collect::<Vec<_>>()), "round {round}");
    }
}

async fn catalogue_symbols(account: &Account) -> Vec<String> {
    let mut symbols = Vec::new();
    let mut path = "/api/v1/tickers?limit=50".to_owned();
    while symbols.len() < KILLS * 50 {
        let page = account.client.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("items").iter();
        symbols.extend(items.map(|item| item["symbol"].as_str().expect("a symbol").to_owned()));
        path = format!("/api/v1/tickers?limit=50&cursor={}", page["next_cursor"].as_str().expect("more"));
    }
    symbols
}

/// Four writers at once; the server is killed under them once enough has been acknowledged.
async fn add_until_killed(client: &Client, list: &str, symbols: &[String], served: &mut Served) -> Vec<String> {
    let acknowledged = std::sync::Mutex::new(Vec::new());
    let (next, count) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let writer = || async {
        while let Some(symbol) = symbols.get(next.fetch_add(1, Ordering::Relaxed)) {
            let body = json!({ "symbol": symbol });
            let request = client.request(reqwest::Method::POST, &format!("{list}/items")).json(&body);
            // An error is the kill: what it was about may be there or not.
            match request.send().await {
                Ok(answer) if answer.status().as_u16() == 201 => {
                    acknowledged.lock().expect("no panic").push(symbol.clone());
                    count.fetch_add(1, Ordering::Relaxed);
                }
                Ok(answer) => panic!("{answer:?}"),
                Err(_) => return,
            }
        }
    };
    let killer = async {
        while count.load(Ordering::Relaxed) < ITEMS_BEFORE_A_KILL {
            tokio::task::yield_now().await;
        }
        served.kill();
    };
    futures_util::future::join(futures_util::future::join_all((0..4).map(|_| writer())), killer).await;
    acknowledged.into_inner().expect("no panic")
}
