//! What the nodes owe each other while one of them is cut off from Redis: the database is the truth.

use super::{Nodes, on};
use crate::support::Client;
use crate::support::proxy::Proxy;
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use reqwest::Method;
use serde_json::{Value, json};

#[actix_web::test]
async fn a_change_on_a_node_that_is_cut_off_reaches_every_socket() {
    let nodes = Nodes::new(Redis::started()).await;
    let way = Proxy::to(nodes.redis.port());
    let mut cut_off = nodes.start_at(&way.in_url(&nodes.redis.url()), &[]);
    let other = nodes.start();
    let account = Client::new(cut_off.address).register().await;
    let list = account.first_list().await;
    let id = list.rsplit('/').next().expect("an id").to_owned();
    let mut socket = Socket::open(&on(&other, &account)).await;
    socket.say(json!({ "op": "watch", "watchlist": id })).await;
    assert_eq!(socket.next_of("watchlist").await["items"], json!([]));

    way.refuse();
    account.add(&list, &["AAPL"]).await;
    let told = socket.next_of("watchlist").await;
    assert_eq!((told["version"].as_u64(), told["items"][0]["symbol"].as_str()), (Some(2), Some("AAPL")));

    // Nor is it lost with the node that could not tell it.
    account.add(&list, &["MSFT"]).await;
    cut_off.kill();
    assert_eq!(socket.next_of("watchlist").await["items"].as_array().map(Vec::len), Some(2));
    let on_other = on(&other, &account);
    on_other.send(on_other.request(Method::DELETE, &list)).await;
    assert_eq!(socket.next_of("watchlist").await["name"], json!(null));
}

#[actix_web::test]
async fn a_set_of_lists_is_followed_on_every_node_and_through_an_outage() {
    let nodes = Nodes::new(Redis::started()).await;
    let way = Proxy::to(nodes.redis.port());
    let cut_off = nodes.start_at(&way.in_url(&nodes.redis.url()), &[]);
    let other = nodes.start();
    let account = Client::new(cut_off.address).register().await;
    let mut socket = Socket::open(&on(&other, &account)).await;
    socket.say(json!({ "op": "watch", "watchlists": true })).await;
    let names = |set: &Value| json!(set["items"].as_array().expect("lists").iter().map(name).collect::<Vec<_>>());
    fn name(list: &Value) -> Value {
        list["name"].clone()
    }
    assert_eq!(names(&socket.next_of("watchlists").await), json!(["Watchlist"]));

    // Made, renamed and deleted on another node: told through Redis, and without it by what the database holds.
    for (prefix, is_cut_off) in [("Told", false), ("Found", true)] {
        if is_cut_off {
            way.refuse();
        }
        let made = account.client.post("/api/v1/watchlists", &json!({ "name": prefix })).await.expect(201);
        assert_eq!(names(&socket.next_of("watchlists").await), json!(["Watchlist", prefix]));
        let path = format!("/api/v1/watchlists/{}", made["id"].as_str().expect("an id"));
        let renamed = format!("{prefix} again");
        account.client.patch(&path, &json!({ "name": renamed }), None).await.expect(200);
        assert_eq!(names(&socket.next_of("watchlists").await), json!(["Watchlist", renamed]));
        account.client.delete(&path, None).await.expect(204);
        assert_eq!(names(&socket.next_of("watchlists").await), json!(["Watchlist"]));
    }
}

#[actix_web::test]
async fn a_ticket_opens_one_socket_and_a_deleted_account_loses_its_own() {
    let nodes = Nodes::new(Redis::started()).await;
    let ways = [(); 2].map(|()| Proxy::to(nodes.redis.port()));
    let served = ways.each_ref().map(|way| nodes.start_at(&way.in_url(&nodes.redis.url()), &[]));
    let account = Client::new(served[0].address).register().await;
    ways.iter().for_each(Proxy::refuse);

    let answer = account.client.post("/api/v1/stream/tickets", &json!({})).await.expect(201);
    let mut opened = Vec::new();
    for node in &served {
        let mut socket = Socket::connect(&Client::new(node.address), &[]).await.expect("a connection");
        socket.say(json!({ "op": "auth", "ticket": answer["ticket"] })).await;
        opened.push(socket);
    }
    assert_eq!(opened[0].next().await["type"], "hello");
    assert_eq!(opened[1].closed().await, 4401, "it was used on the other node");

    let mut there = Socket::open(&on(&served[1], &account)).await;
    let me = account.client.request(Method::DELETE, "/api/v1/me").json(&json!({ "password": account.password }));
    account.client.send(me).await.expect(204);
    assert_eq!(there.closed().await, 4409);
}

#[actix_web::test]
async fn a_trigger_on_a_node_that_is_cut_off_reaches_every_socket() {
    let nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];
    let account = Client::new(served[0].address).register().await;
    let way = Proxy::to(nodes.redis.port());
    let cut_off = nodes.start_at(&way.in_url(&nodes.redis.url()), &[]);
    let mut socket = Socket::open(&on(&cut_off, &account)).await;
    way.refuse();
    let alert = json!({ "symbol": "AAPL", "condition": { "type": "above", "price": "0.01" } });
    let alert = account.client.post("/api/v1/alerts", &alert).await.expect(201);
    let told = socket.next_of("alert").await;
    assert_eq!(told["event"]["alert_id"], alert["id"]);
    let events = account.client.get("/api/v1/alert-events").await.expect(200);
    assert_eq!(events["items"], json!([told["event"]]));
}
