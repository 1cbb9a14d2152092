//! Who asks too often is turned away, and everybody is told how they stand.

use crate::support::client::Answer;
use crate::support::socket::Socket;
use crate::support::{Account, Backend, Client, TestServer};
use futures_util::StreamExt;
use reqwest::Method;
use serde_json::json;

/// What the `RateLimit` and `RateLimit-Policy` fields say: the policy's name, how many are left, and its quota.
fn standing(answer: &Answer) -> (String, u32, String) {
    let (name, rest) = answer.header("ratelimit").split_once(";r=").expect("a standing");
    let remaining = rest.split(';').next().and_then(|text| text.parse().ok()).expect("a number");
    let (named, quota) = answer.header("ratelimit-policy").split_once(';').expect("a policy");
    assert_eq!(named, name);
    (name.trim_matches('"').to_owned(), remaining, quota.to_owned())
}

fn assert_turned_away(answer: &Answer) {
    answer.refused(429, "too_many_requests");
    let wait: u64 = answer.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(standing(answer).1, 0);
}

/// A client whose address is the one that its proxy names.
async fn get_as(client: &Client, forwarded: &str, path: &str) -> Answer {
    client.send(client.request(Method::GET, path).header("X-Forwarded-For", forwarded)).await
}

async fn sign_up(server: &TestServer) -> Account {
    server.client().register().await
}

#[actix_web::test]
async fn an_account_has_a_bucket_and_nobody_else_pays() {
    let server = TestServer::start_with(Backend::Sqlite, &["--api-per-minute", "3"]).await;
    let (greedy, modest) = (sign_up(&server).await, sign_up(&server).await);
    for left in [2, 1, 0] {
        let answer = greedy.client.get("/api/v1/me").await;
        answer.expect(200);
        assert_eq!(standing(&answer), ("account".to_owned(), left, "q=3;w=60".to_owned()));
    }
    assert_turned_away(&greedy.client.get("/api/v1/me").await);
    // Another token of the same account is the same account; what is turned away has no effect.
    let login = json!({ "email": greedy.email, "password": greedy.password });
    let again = server.client().post("/api/v1/auth/login", &login).await.expect(200);
    let token = again["access_token"].as_str().map(str::to_owned);
    let elsewhere = Client { token, ..server.client() };
    assert_turned_away(&elsewhere.post("/api/v1/watchlists", &json!({ "name": "One too many" })).await);
    assert_eq!(standing(&modest.client.get("/api/v1/me").await).1, 2);
    // Refusals are answers as well.
    let missing = modest.client.get("/api/v1/nothing").await;
    missing.refused(404, "not_found");
    assert_eq!(standing(&missing).1, 1);
}

/// The router matches the decoded path, and so does whatever looks at it before.
#[actix_web::test]
async fn a_path_that_is_spelt_otherwise_is_limited_all_the_same() {
    // One of the anonymous requests opens the account.
    let flags = ["--api-per-minute", "3", "--anon-per-minute", "4"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let (anyone, account) = (server.client(), sign_up(&server).await);
    let account = &account.client;
    for (client, paths) in [
        (&anyone, ["/%61pi/v1/openapi.json", "/api/v1/openap%69.json", "/%61%70%69/v1/openapi.json"]),
        (account, ["/%61pi/v1/me", "/api/%761/me", "/api/v1/m%65"]),
    ] {
        let mut left = Vec::new();
        for path in paths {
            let answer = client.get(path).await;
            answer.expect(200);
            left.push(standing(&answer).1);
        }
        assert!(left.is_sorted_by(|one, next| one > next), "{left:?}");
        for path in paths {
            assert_turned_away(&client.get(path).await);
        }
    }
}

#[actix_web::test]
async fn an_address_without_a_good_token_has_a_bucket() {
    let flags = ["--anon-per-minute", "3", "--trusted-proxies", "127.0.0.0/8"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let nobody = server.client();
    let liar = Client { token: Some("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk".to_owned()), ..server.client() };
    let made_up = Client { token: Some(watchtape::auth::api_keys::from_random_bytes(&[7; 20])), ..server.client() };
    let answer = get_as(&nobody, "198.51.100.1", "/api/v1/openapi.json").await;
    assert_eq!(standing(&answer), ("anonymous".to_owned(), 2, "q=3;w=60".to_owned()));
    get_as(&liar, "198.51.100.1", "/api/v1/me").await.refused(401, "unauthenticated");
    get_as(&made_up, "198.51.100.1", "/api/v1/me").await.refused(401, "unauthenticated");
    for client in [&nobody, &liar, &made_up] {
        assert_turned_away(&get_as(client, "198.51.100.1", "/api/v1/me").await);
        // What a client puts before its proxy's word does not help it.
        assert_turned_away(&get_as(client, "203.0.113.5, 198.51.100.1", "/api/v1/me").await);
    }
    get_as(&nobody, "198.51.100.2", "/api/v1/openapi.json").await.expect(200);
    // What is not the API is not counted.
    assert_eq!(get_as(&nobody, "198.51.100.1", "/livez").await.header("ratelimit"), "");
    get_as(&nobody, "198.51.100.1", "/livez").await.expect(200);
}

#[actix_web::test]
async fn a_key_draws_on_its_account_and_does_not_pay_for_what_others_at_its_address_make_up() {
    // One of the account's requests makes the key.
    let flags = ["--anon-per-minute", "4", "--api-per-minute", "4"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = sign_up(&server).await;
    let (_, program) = account.make_key(&["read"]).await;
    let answer = program.get("/api/v1/watchlists").await;
    answer.expect(200);
    assert_eq!(standing(&answer), ("account".to_owned(), 2, "q=4;w=60".to_owned()));
    let made_up = Client { token: Some(watchtape::auth::api_keys::from_random_bytes(&[7; 20])), ..server.client() };
    // One request of the four was the registration.
    for _ in 0..3 {
        made_up.get("/api/v1/me").await.refused(401, "unauthenticated");
    }
    assert_turned_away(&made_up.get("/api/v1/me").await);
    for _ in 0..2 {
        program.get("/api/v1/watchlists").await.expect(200);
    }
    assert_turned_away(&program.get("/api/v1/watchlists").await);
}

#[actix_web::test]
async fn a_browser_that_has_signed_in_does_not_pay_for_others_at_its_address() {
    let flags = ["--anon-per-minute", "2", "--api-per-minute", "5"];
    let server = TestServer::start_with(Backend::Sqlite, &flags).await;
    let account = sign_up(&server).await;
    let login = json!({ "email": account.email, "password": account.password });
    let signed_in = server.client().post("/api/v1/auth/login", &login).await;
    signed_in.expect(200);
    let cookies = signed_in.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookies: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).collect();
    assert_turned_away(&server.client().get("/api/v1/openapi.json").await);
    let refresh = server.client().request(Method::POST, "/api/v1/auth/refresh").header("Cookie", cookies.join("; "));
    let refreshed = server.client().send(refresh).await;
    refreshed.expect(200);
    assert_eq!(standing(&refreshed), ("device".to_owned(), 4, "q=5;w=60".to_owned()));
    let made_up = server.client().request(Method::GET, "/api/v1/openapi.json");
    let made_up = made_up.header("Cookie", "watchtape_device=usr_01kaq2f8s5e8rvm0r2j5c4n6xt.a.9999999999.b");
    assert_turned_away(&server.client().send(made_up).await);
}

#[actix_web::test]
async fn who_has_been_signed_out_does_not_use_up_what_the_owner_has() {
    let server = TestServer::start_with(Backend::Sqlite, &["--api-per-minute", "3"]).await;
    let account = sign_up(&server).await;
    let login = json!({ "email": account.email, "password": account.password });
    let token = server.client().post("/api/v1/auth/login", &login).await.expect(200)["access_token"].clone();
    let owner = Client { token: token.as_str().map(str::to_owned), ..server.client() };
    let refresh = json!({ "refresh_token": account.refresh_token });
    server.client().post("/api/v1/auth/logout", &refresh).await.expect(204);
    // The first tells that its session has ended.
    for _ in 0..5 {
        account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    }
    for _ in 0..2 {
        owner.get("/api/v1/me").await.expect(200);
    }
    assert_turned_away(&owner.get("/api/v1/me").await);
}

#[actix_web::test]
async fn a_header_is_not_believed_from_whom_nobody_named() {
    let server = TestServer::start_with(Backend::Sqlite, &["--anon-per-minute", "2"]).await;
    let client = server.client();
    for at in 0..2 {
        get_as(&client, &format!("198.51.100.{at}"), "/api/v1/openapi.json").await.expect(200);
    }
    assert_turned_away(&get_as(&client, "198.51.100.9", "/api/v1/openapi.json").await);
}

#[actix_web::test]
async fn without_a_limit_nothing_is_said_of_one() {
    let server = TestServer::start(Backend::Sqlite).await;
    let account = sign_up(&server).await;
    let answer = account.client.get("/api/v1/me").await;
    assert_eq!((answer.header("ratelimit"), answer.header("ratelimit-policy")), ("", ""));
}

#[actix_web::test]
async fn sockets_that_do_not_say_whose_they_are_are_few() {
    let server = TestServer::start_with(Backend::Sqlite, &["--stream-unknown", "2"]).await;
    let account = sign_up(&server).await;
    let mut first = Socket::connect(&account.client, &[]).await.expect("room");
    let _second = Socket::connect(&account.client, &[]).await.expect("room");
    let Err(refused) = Socket::connect(&account.client, &[]).await else { panic!("a third was let in") };
    assert!(refused.to_string().contains("503"), "{refused}");
    // Who has a token is not one of them, and who has presented a ticket no longer is.
    let _program = Socket::open(&account.client).await;
    let request = account.client.request(Method::POST, "/api/v1/stream/tickets");
    let ticket = account.client.send(request).await.expect(201)["ticket"].clone();
    first.say(json!({ "op": "auth", "ticket": ticket })).await;
    assert_eq!(first.next().await["type"], "hello");
    let _third = Socket::connect(&account.client, &[]).await.expect("room again");
}

/// Refusals cost as well: whoever goes on waits for them, and nobody else does.
#[actix_web::test]
async fn who_goes_on_although_it_is_refused_waits_for_its_refusals() {
    let proxy = ["--trusted-proxies", "127.0.0.1", "--anon-per-minute", "2"];
    let server = TestServer::start_with(Backend::Sqlite, &proxy).await;
    let (client, path) = (server.client(), "/api/v1/openapi.json");
    for _ in 0..2 {
        get_as(&client, "192.0.2.1", path).await.expect(200);
    }
    let refusals = (0..60).map(|_| get_as(&client, "192.0.2.1", path));
    let mut refusals: futures_util::stream::FuturesUnordered<_> = refusals.collect();
    // Those that are told at once, whichever they are; the next one is behind what the server does for another.
    for _ in 0..20 {
        assert_turned_away(&refusals.next().await.expect("a refusal"));
    }
    tokio::select! {
        biased;
        refusal = refusals.next() => panic!("told at once: {:?}", refusal.map(|refusal| refusal.status)),
        answer = get_as(&client, "192.0.2.2", path) => answer.expect(200),
    };
    while let Some(refusal) = refusals.next().await {
        assert_turned_away(&refusal);
    }
}
