//! What the server does not connect to, in whatever way it is named: the test listens where it must not come.

use super::scene::{DESTINATIONS, Scene};
use crate::support::name_server::{A, NameServer};
use crate::support::receiver::Receiver;
use crate::support::vendor::Reply;
use crate::support::{Backend, TestServer};
use reqwest::header::HeaderMap;
use serde_json::json;
use std::net::IpAddr;
use watchtape::notify::outbound::{AllowList, NoAnswer, Outbound, PublicResolver, TargetError};

/// Spellings of addresses that are not public, and of names that are this machine's.
const FORBIDDEN: [&str; 52] = [
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0X7F.1",
    "0177.0.0.1",
    "017700000001",
    "0x7f.0x0.0x0.0x1",
    "127.0.0.1.",
    "0",
    "0.0.0.0",
    "00.0x0",
    "[::1]",
    "[::]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::127.0.0.1]",
    "[2002:7f00:1::]",
    "[2001::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[ff02::1]",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "a.localhost",
    "１２７.0.0.1",
    "①②⑦.0.0.1",
    "127。0。0。1",
    "%31%32%37.0.0.1",
    "10.0.0.1",
    "012.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "100.64.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "224.0.0.1",
    "255.255.255.255",
    "metadata.google.internal",
];

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn outbound(names: &NameServer, allow: &str) -> Outbound {
    let allow: AllowList = allow.parse().expect("a list");
    Outbound::new(PublicResolver::of_server(names.address, allow).expect("a resolver")).expect("a client")
}

async fn post(outbound: &Outbound, url: &str) -> Result<u16, NoAnswer> {
    outbound.post(url, HeaderMap::new(), b"{}".to_vec()).await.map(|answer| answer.status.as_u16())
}

#[actix_web::test]
async fn no_spelling_of_a_forbidden_address_is_connected_to() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = server.client().register().await;
    let (trap, names) = (Receiver::start().await, NameServer::start(|_, _| vec![ip("127.0.0.1")]).await);
    let outbound = outbound(&names, "");
    for host in FORBIDDEN {
        for url in [format!("https://{host}:{}/", trap.address.port()), format!("https://{host}/")] {
            let new = json!({ "type": "webhook", "url": url });
            let refused = account.client.post(DESTINATIONS, &new).await.refused(422, "forbidden_url");
            assert_eq!(refused["errors"][0]["pointer"], "/url", "{url}");
            assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("not public")), "{url}: {refused}");
            assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Refused(TargetError::NotPublic)), "{url}");
        }
    }
    for (url, said) in [
        (format!("http://example.com:{}/", trap.address.port()), "https"),
        ("https://ada:hunter2hunter2@example.com/".to_owned(), "user name"),
        ("https://example.com:22/".to_owned(), "port"),
        ("gopher://example.com/".to_owned(), "URL"),
    ] {
        let refused = account.client.post(DESTINATIONS, &json!({ "type": "webhook", "url": url })).await;
        let refused = refused.refused(422, "forbidden_url");
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{refused}");
        let push = json!({ "type": "web_push", "endpoint": url, "keys": { "p256dh": "x", "auth": "x" } });
        assert_eq!(
            account.client.post(DESTINATIONS, &push).await.refused(422, "forbidden_url")["errors"][0]["pointer"],
            "/endpoint"
        );
    }
    assert_eq!((trap.connections(), names.asked().len()), (0, 0), "nothing was connected to or asked for");
}

#[actix_web::test]
async fn a_name_with_a_forbidden_address_is_refused_whatever_else_it_has() {
    let trap = Receiver::start().await;
    let names = NameServer::start(|name, _| match name {
        "loopback.example" => vec![ip("127.0.0.1")],
        "both.example" => vec![ip("93.184.216.34"), ip("127.0.0.1")],
        "six.example" => vec![ip("93.184.216.34"), ip("::1")],
        "mapped.example" => vec![ip("::ffff:127.0.0.1")],
        "translated.example" => vec![ip("64:ff9b::7f00:1")],
        "metadata.example" => vec![ip("169.254.169.254")],
        _ => Vec::new(),
    })
    .await;
    let outbound = outbound(&names, "");
    for name in ["loopback", "both", "six", "mapped", "translated", "metadata", "LOOPBACK"] {
        let url = format!("https://{name}.example:{}/", trap.address.port());
        assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Refused(TargetError::NotPublic)), "{name}");
    }
    let url = format!("https://nothing.example:{}/", trap.address.port());
    assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Refused(TargetError::NoAddress)));
    assert_eq!(trap.connections(), 0);
}

#[actix_web::test]
async fn what_a_name_is_resolved_to_is_what_is_connected_to() {
    // Two addresses of this machine at one port: the one is let in, at the other the test must not see anybody.
    let good = Receiver::at("127.0.0.2:0", |_| Reply::with(200, &[], "")).await;
    let trap = Receiver::at(&format!("127.0.0.1:{}", good.address.port()), |_| Reply::with(200, &[], "")).await;
    let names = NameServer::start(|_, count| vec![ip(if count == 0 { "127.0.0.2" } else { "127.0.0.1" })]).await;
    let outbound = outbound(&names, "127.0.0.2");
    let url = format!("https://rebinding.example:{}/", good.address.port());
    // Of https there is none here: that it was connected to is what counts.
    assert!(matches!(post(&outbound, &url).await, Err(NoAnswer::Failed(_))));
    let asked = |names: &NameServer| names.asked().iter().filter(|(_, kind)| *kind == A).count();
    assert_eq!((good.connections(), trap.connections(), asked(&names)), (1, 0, 1), "resolved once");
    assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Refused(TargetError::NotPublic)));
    assert_eq!((good.connections(), trap.connections(), asked(&names)), (1, 0, 2));
}

#[actix_web::test]
async fn a_redirect_is_not_followed_and_a_flood_is_not_read() {
    let trap = Receiver::start().await;
    let to = trap.url("/");
    let receiver = Receiver::answering(move |received| match received.target.as_str() {
        "/flood" => Reply::Stall([b"HTTP/1.1 200 OK\r\n\r\n".as_slice(), &vec![b'x'; 1 << 20]].concat()),
        _ => Reply::with(307, &[("Location", &to)], ""),
    })
    .await;
    let names = NameServer::start(|_, _| vec![ip("127.0.0.1")]).await;
    let outbound = outbound(&names, "127.0.0.1,receiver.internal");
    assert_eq!(post(&outbound, &receiver.url("/moved")).await, Ok(307));
    assert_eq!(trap.connections(), 0);
    // It never ends, and is left after 64 KiB.
    assert_eq!(post(&outbound, &receiver.url("/flood")).await, Ok(200));
    // A name that the operator lets in leads where it leads, also by http.
    let url = format!("http://receiver.internal:{}/moved", receiver.address.port());
    assert_eq!(post(&outbound, &url).await, Ok(307));
    let other = format!("http://other.internal:{}/", receiver.address.port());
    assert_eq!(post(&outbound, &other).await, Err(NoAnswer::Refused(TargetError::NotHttps)));
}

#[actix_web::test]
async fn what_was_let_in_once_is_checked_again_at_each_delivery() {
    let scene = Scene::set(Backend::Sqlite).await;
    let trap = Receiver::start().await;
    let hook = scene.webhook(&trap.url("/"), "standard").await;
    let change = format!("UPDATE destinations SET url = 'https://[::1]:{}/'", trap.address.port());
    diesel::connection::SimpleConnection::batch_execute(&mut scene.server.connect(), &change).expect("a change");
    scene.trigger(&[&hook], json!({}));
    let noted = scene.tried(&hook, 1).await;
    assert_eq!(noted["error"], "the host has an address that is not public");
    assert_eq!(trap.connections(), 0);
}
