//! Two versions side by side, as while nodes are upgraded one after the other: the newer one has migrated the database, and the
//! older one serves on. `make test-upgrade` builds the older one from an earlier commit; otherwise it is this one too.

use super::{leader, on};
use crate::support::process::Served;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, Database};
use serde_json::{Value, json};

/// The program of the older version.
fn older_program() -> String {
    std::env::var("WATCHTAPE_TEST_OLDER_BIN").unwrap_or_else(|_| env!("CARGO_BIN_EXE_watchtape").to_owned())
}

/// A socket that follows a list, told of its present version.
async fn follow(client: &Client, list: &str) -> Socket {
    let mut socket = Socket::open(client).await;
    socket.say(json!({ "op": "watch", "watchlist": list.rsplit('/').next() })).await;
    socket.next_of("watchlist").await;
    socket
}

/// Whatever one node does is seen on all, and all have prices.
async fn serve_together(nodes: &[&Served], account: &Account, list: &str) {
    let mut sockets = Vec::new();
    for node in nodes {
        sockets.push(follow(&on(node, account), list).await);
    }
    for node in nodes {
        let client = on(node, account);
        let symbols = account.symbols(list).await;
        let changed = if symbols.contains(&"MSFT".to_owned()) {
            client.delete(&format!("{list}/items/MSFT"), None).await
        } else {
            client.post(&format!("{list}/items"), &json!({ "symbol": "MSFT" })).await
        };
        assert!(changed.status.is_success(), "{}", changed.text);
        let held = client.get(list).await.expect(200);
        for socket in &mut sockets {
            let told = socket.next_of("watchlist").await;
            assert_eq!((&told["version"], told["items"].as_array().map(Vec::len)), (&held["version"], count(&held)));
        }
        // What an account needs is written by either version.
        let stranger = Client::new(node.address).register().await;
        let made = stranger.client.post("/api/v1/watchlists", &json!({ "name": "Another" })).await.expect(201);
        let path = format!("/api/v1/watchlists/{}", made["id"].as_str().expect("an id"));
        for other in nodes {
            assert_eq!(on(other, &stranger).get(&path).await.expect(200)["name"], "Another");
        }
    }
    for socket in &mut sockets {
        socket.next_of("ticks").await;
    }
}

fn count(list: &Value) -> Option<usize> {
    list["items"].as_array().map(Vec::len)
}

#[actix_web::test]
async fn one_version_replaces_the_other_node_by_node() {
    let (database, redis, older) = (Database::empty(Backend::Postgres), Redis::started(), older_program());
    let (folder, setting, store) = (database.folder(), database.setting(), redis.url());
    let folder = folder.to_str().expect("a path");
    let flags = [
        ["--database-url", &setting],
        ["--data-dir", folder],
        ["--redis-url", &store],
        ["--sim-interval-ms", "200"],
        ["--workers", "1"],
    ];
    let flags = flags.as_flattened();
    let mut old = [Served::of(&older, flags), Served::of(&older, flags)];
    let account = Client::new(old[0].address).register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "NVDA"]).await;
    // One of the old nodes runs the feed while the first new one comes.
    if leader(&old).await == 1 {
        old.swap(0, 1);
    }
    let account = Account { client: on(&old[1], &account), ..account };

    let first = Served::start(flags);
    let mut faithful = follow(&on(&first, &account), &list).await;
    serve_together(&[&old[0], &old[1], &first], &account, &list).await;
    old[0].terminate();
    serve_together(&[&old[1], &first], &account, &list).await;
    let account = Account { client: on(&first, &account), ..account };
    let second = Served::start(flags);
    serve_together(&[&old[1], &first, &second], &account, &list).await;
    old[1].terminate();
    serve_together(&[&first, &second], &account, &list).await;
    assert_eq!(account.symbols(&list).await, ["AAPL", "NVDA"]);

    // Whoever was there all the while has seen rounds in their order, from whichever version they came.
    let mut last: Option<(u64, u64)> = None;
    let newest = on(&second, &account).get("/api/v1/market").await.expect(200)["feed"]["seq"].as_u64();
    loop {
        let message = faithful.next().await;
        assert_ne!(message["type"], "bye", "no node that stays sends its clients away");
        let round = (message["type"] == "ticks").then(|| (message["term"].as_u64(), message["seq"].as_u64()));
        let Some((Some(term), Some(seq))) = round else { continue };
        assert!(last < Some((term, seq)), "{last:?} before {message}");
        last = Some((term, seq));
        if Some(seq) >= newest {
            break;
        }
    }
}
