//! Servers that vanish, refuse or forget: what a node answers meanwhile, and that it comes back by itself.

use super::{Nodes, on, readiness};
use crate::support::postgres::Postgres;
use crate::support::process::Served;
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Backend, Client, Database, until};
use diesel::connection::SimpleConnection;
use futures_util::future::join_all;
use serde_json::json;

/// Requests that are answered by 503 say when to come back.
async fn status(client: &Client) -> u16 {
    let answer = client.get("/api/v1/watchlists").await;
    let status = answer.status.as_u16();
    if status == 503 {
        assert!(!answer.header("retry-after").is_empty());
    }
    status
}

#[actix_web::test]
async fn a_database_whose_host_vanishes_is_given_up_and_its_connections_are_replaced() {
    let database = Database::ready(Backend::Postgres).await;
    let way = Proxy::to(Postgres::shared().port());
    let served = Served::start(&["--database-url", &way.in_url(&database.setting()), "--workers", "1"]);
    let account = Client::new(served.address).register().await;
    // Each account has two reads at a time: the pool is used by several.
    let others = join_all((0..6).map(|_| async { Client::new(served.address).register().await })).await;
    let ask_all = async || join_all(others.iter().map(|other| status(&other.client))).await;
    ask_all().await;
    way.lose_open_connections();
    // All that are under way or wait are answered, by whatever is true.
    let answered = ask_all().await;
    assert!(answered.iter().all(|status| [200, 503].contains(status)), "{answered:?}");
    until("the node is back", async || status(&account.client).await == 200).await;

    // A host that vanishes for new connections as well.
    way.silence();
    assert_eq!(status(&account.client).await, 503);
    assert_eq!(Client::new(served.address).get("/readyz").await.status.as_u16(), 503);
    way.heal();
    until("the node is back", async || status(&account.client).await == 200).await;
    let client = Client::new(served.address);
    until("it says so", async || client.get("/readyz").await.status.as_u16() == 200).await;
}

#[actix_web::test]
async fn what_a_database_refuses_for_a_while_is_no_fault_of_the_server() {
    let database = Database::ready(Backend::Postgres).await;
    let served = Served::start(&["--database-url", &database.setting(), "--workers", "1"]);
    let account = Client::new(served.address).register().await;
    let list = account.first_list().await;
    let mut administrator = database.url().connect().expect("a connection");
    let name = database.setting().rsplit('/').next().expect("a name").to_owned();
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for (refusal, end) in [
        (terminate.to_owned(), "SELECT 1".to_owned()),
        (
            format!("ALTER DATABASE {name} SET default_transaction_read_only = on; {terminate}"),
            format!("ALTER DATABASE {name} RESET default_transaction_read_only; {terminate}"),
        ),
        (
            format!("ALTER DATABASE {name} SET idle_in_transaction_session_timeout = '1ms'; {terminate}"),
            format!("ALTER DATABASE {name} RESET idle_in_transaction_session_timeout; {terminate}"),
        ),
    ] {
        administrator.batch_execute(&refusal).expect("an administrator's statement");
        for symbol in ["AAPL", "MSFT", "NVDA"] {
            let body = json!({ "symbol": symbol });
            let answer = account.client.post(&format!("{list}/items"), &body).await;
            let status = answer.status.as_u16();
            assert!([201, 409, 503].contains(&status), "{refusal}: {status}");
            assert!(status != 503 || !answer.header("retry-after").is_empty());
            assert!([200, 503].contains(&self::status(&account.client).await), "{refusal}");
        }
        administrator.batch_execute(&format!("SET default_transaction_read_only = off; {end}")).expect("the end");
        until("all is well", async || status(&account.client).await == 200).await;
    }
}

#[actix_web::test]
async fn a_redis_that_takes_no_writes_is_told_once_and_nothing_flips() {
    let nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let list = account.first_list().await;
    let mut socket = Socket::open(&on(&served[0], &account)).await;
    socket.say(json!({ "op": "watch", "watchlist": list.rsplit('/').next() })).await;
    socket.next_of("watchlist").await;
    for node in &served {
        readiness(node).await;
    }
    socket.subscribe(&["AAPL"]).await;
    socket.next_of("ticks").await;
    // On a busy machine a node may have joined at its second try.
    let cut_off = |node: &Served| node.logged("disconnected from the cluster").len();
    let before = served.each_ref().map(cut_off);
    nodes.redis.command(&["config", "set", "maxmemory", "1"]);
    // Longer than the silence after which a node once took its connection for dead.
    until("nobody runs the feed", async || {
        let client = on(&served[0], &account);
        client.get("/api/v1/market").await.expect(200)["feed"]["status"] == "stale"
    })
    .await;
    for (node, before) in served.iter().zip(before) {
        let market = on(node, &account).get("/api/v1/market").await.expect(200);
        assert_eq!(market["feed"]["degraded"], false, "it hears the others, of whom none speaks");
        assert_eq!(cut_off(node), before);
        let told = node.logged("cannot take the feed's lease");
        assert!(told.len() <= 2 && told.iter().any(|line| line.contains("OOM")), "{told:?}");
    }
    // Nothing was read again for it.
    account.add(&list, &["AAPL"]).await;
    assert_eq!(socket.next_of("watchlist").await["version"], 2);
    nodes.redis.command(&["config", "set", "maxmemory", "0"]);
    socket.next_of("ticks").await;
}

#[actix_web::test]
async fn a_redis_that_refuses_the_password_or_drops_keys_is_told() {
    let nodes = Nodes::new(Redis::started()).await;
    let wrong = nodes.redis.url().replacen("redis://:", "redis://:not-", 1);
    let locked_out = nodes.start_at(&wrong, &[]);
    until("it is told", async || {
        ["disconnected from the cluster", "cannot take the feed's lease"]
            .iter()
            .all(|message| locked_out.logged(message).iter().any(|line| line.contains("authentication failed")))
    })
    .await;
    nodes.redis.command(&["config", "set", "maxmemory", "100mb"]);
    nodes.redis.command(&["config", "set", "maxmemory-policy", "allkeys-lru"]);
    let served = nodes.start();
    until("it is told", async || served.logged("drops keys").iter().any(|line| line.contains("allkeys-lru"))).await;
}
