//! Every way to lose access closes just the sockets that it concerns, on every node.

use super::{Nodes, on};
use crate::support::process::{Served, run};
use crate::support::redis::Redis;
use crate::support::socket::Socket;
use crate::support::{Account, Client};
use reqwest::Method;
use serde_json::{Value, json};

/// An account with two devices and a program, each with a socket on both nodes.
struct Scene {
    here: Account,
    there: Account,
    key: Value,
    of_here: Vec<Socket>,
    of_there: Vec<Socket>,
    of_key: Vec<Socket>,
}

impl Scene {
    async fn set(served: &[Served]) -> Self {
        let here = Client::new(served[0].address).register().await;
        let there = here.another_device().await;
        let (key, program) = here.make_key(&["read"]).await;
        let (mut of_here, mut of_there, mut of_key) = (Vec::new(), Vec::new(), Vec::new());
        for node in served {
            of_here.push(Socket::open(&on(node, &here)).await);
            of_there.push(Socket::open(&on(node, &there)).await);
            of_key.push(Socket::open(&Client { address: node.address, ..program.clone() }).await);
        }
        Self { here, there, key, of_here, of_there, of_key }
    }
}

async fn are_closed(sockets: &mut [Socket]) {
    for socket in sockets {
        assert_eq!(socket.closed().await, 4409);
    }
}

async fn are_open(sockets: &mut [Socket]) {
    for socket in sockets {
        socket.say(json!({ "op": "ping", "id": 1 })).await;
        assert_eq!(socket.next_of("pong").await["id"], 1);
    }
}

#[actix_web::test]
async fn whatever_ends_access_closes_its_sockets_on_every_node() {
    let nodes = Nodes::new(Redis::started()).await;
    let served = [nodes.start(), nodes.start()];

    let mut revoked = Scene::set(&served).await;
    let devices = revoked.here.client.get("/api/v1/me/sessions").await.expect(200);
    let device = devices["items"].as_array().expect("devices").iter().find(|device| device["is_current"] == false);
    let path = format!("/api/v1/me/sessions/{}", device.expect("another")["id"].as_str().expect("an id"));
    revoked.here.client.delete(&path, None).await.expect(204);
    are_closed(&mut revoked.of_there).await;
    are_open(&mut revoked.of_here).await;
    on(&served[1], &revoked.there).get("/api/v1/me").await.refused(401, "unauthenticated");
    let path = format!("/api/v1/me/api-keys/{}", revoked.key["id"].as_str().expect("an id"));
    revoked.here.client.delete(&path, None).await.expect(204);
    are_closed(&mut revoked.of_key).await;
    are_open(&mut revoked.of_here).await;

    let mut changed = Scene::set(&served).await;
    let change = json!({ "current_password": changed.here.password, "new_password": "an altogether different horse" });
    changed.here.client.put("/api/v1/me/password", &change, None).await.expect(204);
    are_closed(&mut changed.of_there).await;
    are_open(&mut changed.of_here).await;
    are_open(&mut changed.of_key).await;

    let mut left = Scene::set(&served).await;
    let token = json!({ "refresh_token": left.there.refresh_token });
    Client::new(served[1].address).post("/api/v1/auth/logout-all", &token).await.expect(204);
    are_closed(&mut left.of_here).await;
    are_closed(&mut left.of_there).await;
    are_open(&mut left.of_key).await;

    let mut deleted = Scene::set(&served).await;
    let request = deleted.here.client.request(Method::DELETE, "/api/v1/me");
    let request = request.json(&json!({ "password": deleted.here.password }));
    deleted.here.client.send(request).await.expect(204);
    let mut disabled = Scene::set(&served).await;
    let url = nodes.database.setting();
    assert!(run(&["user", "disable", &disabled.here.email, "--database-url", &url]).status.success());
    for scene in [&mut deleted, &mut disabled] {
        are_closed(&mut scene.of_here).await;
        are_closed(&mut scene.of_there).await;
        are_closed(&mut scene.of_key).await;
    }
    are_open(&mut changed.of_here).await;
}
