//! The shipped configurations of nginx and HAProxy before three real nodes, with TLS and sockets: the files of
//! `deploy/proxies/` as they are, but for ports, certificates and folders.

mod clients;
mod nodes;
mod proxy;

use crate::support::until;
use clients::{Requests, Sockets, ThroughProxy};
use nodes::ThreeNodes;
use proxy::{Kind, Proxy};
use reqwest::redirect::Policy;
use std::time::Instant;

/// Sockets that stay open over the restarts.
const SOCKETS: usize = 200;

/// Every node is restarted, one after the other: no request fails, and every socket has prices again.
async fn a_rolling_restart_fails_no_request_and_loses_no_socket(kind: Kind) {
    let mut nodes = ThreeNodes::start().await;
    let proxy = Proxy::start(kind, &nodes.addresses()).await;
    let client = ThroughProxy::new(&proxy, nodes.register().await);
    let sockets = Sockets::open(&client, SOCKETS).await;
    let requests = Requests::start(&client);
    for node in 0..nodes.len() {
        let restarted = Instant::now();
        nodes.restart(node).await;
        until("every socket has prices again", async || sockets.without_prices() == 0).await;
        println!("{kind:?}: node {node} restarted and every socket with prices in {:?}", restarted.elapsed());
    }
    let requests = requests.stop().await;
    let (reconnected, slowest) = sockets.reconnected();
    println!(
        "{kind:?}: {} requests, the slowest {:?}; {reconnected} reconnects, prices again in {slowest:?} at most",
        requests.answered, requests.slowest
    );
    assert!(requests.failed.is_empty(), "{} of {}: {:?}", requests.failed.len(), requests.answered, requests.failed);
    assert!(requests.answered > 0, "requests were sent all the while");
    assert!(reconnected >= SOCKETS, "each socket was on a node that was restarted: {reconnected}");
}

/// The node sees the client and not the proxy; what is not for strangers is not passed on; and nobody goes on without TLS.
async fn the_client_is_known_and_operations_are_not_passed_on(kind: Kind) {
    let nodes = ThreeNodes::start().await;
    let proxy = Proxy::start(kind, &nodes.addresses()).await;
    let account = nodes.register().await;
    let (email, password) = (account.email.clone(), account.password.clone());
    let client = ThroughProxy::new(&proxy, account);
    client.sign_in(&email, &password).await;
    let events = client.get("/api/v1/me/audit-events").await.json::<serde_json::Value>().await.expect("JSON");
    let newest = &events["items"][0];
    assert_eq!(newest["address"], clients::CLIENT, "{newest}");
    for path in ["/metrics", "/livez", "/readyz"] {
        assert_eq!(client.get(path).await.status(), 404, "{path}");
    }
    let plain = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().expect("a client");
    let answer = plain.get(format!("http://{}/api/v1/market?x=1", proxy.plain)).send().await.expect("an answer");
    assert_eq!(answer.status(), 308);
    let location = answer.headers()["location"].to_str().expect("text");
    assert!(location.starts_with("https://127.0.0.1") && location.ends_with("/api/v1/market?x=1"), "{location}");
}

macro_rules! behind_each_proxy {
    ($($test:ident),+ $(,)?) => {
        mod nginx {
            $(#[actix_web::test] async fn $test() { super::$test(super::Kind::Nginx).await; })+
        }
        mod haproxy {
            $(#[actix_web::test] async fn $test() { super::$test(super::Kind::HaProxy).await; })+
        }
    };
}
behind_each_proxy!(
    a_rolling_restart_fails_no_request_and_loses_no_socket,
    the_client_is_known_and_operations_are_not_passed_on,
);
