//! Which passwords are taken, how guessing is slowed down, and how a forgotten one is replaced.

use crate::support::client::Answer;
use crate::support::mail::MailServer;
use crate::support::process::Served;
use crate::support::socket::Socket;
use crate::support::tables::tables_with;
use crate::support::{Account, Backend, Client, TestServer, on_both_databases, until};
use argon2::{Argon2, Params, PasswordHasher};
use chrono::TimeDelta;
use reqwest::Method;
use serde_json::json;
use std::net::Ipv4Addr;
use tempfile::TempDir;
use watchtape::auth::reset_links;
use watchtape::auth::secret::sha256_hex;
use watchtape::db::audit::{self, RequestInfo};
use watchtape::db::{account_status, password_reset, user};
use watchtape_shared::UserId;
use watchtape_shared::account::Email;
use watchtape_shared::audit::EventKind;

on_both_databases!(
    a_hash_of_other_parameters_is_made_anew_at_sign_in,
    failed_sign_ins_are_slowed_down_and_noted,
    what_was_wrong_is_right_once_the_password_has_changed,
    a_link_sets_a_new_password_once_and_signs_everybody_out,
    a_forgotten_password_is_replaced_by_mail,
    a_mail_that_is_put_off_is_sent_later,
);

/// A client at another address of this machine.
fn client_at(server: &TestServer, last: u8) -> Client {
    let address = Ipv4Addr::new(127, 0, 0, last);
    watchtape::tls::install();
    let http = reqwest::Client::builder().no_proxy().local_address(Some(address.into())).build().expect("a client");
    Client { http, ..server.client() }
}

async fn sign_in(client: &Client, email: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/login", &json!({ "email": email, "password": password, "transport": "body" })).await
}

/// Signs in as a browser that holds these cookies.
async fn browse_in(client: &Client, account: &Account, cookies: &str) -> Answer {
    let body = json!({ "email": account.email, "password": account.password });
    client.send(client.request(Method::POST, "/api/v1/auth/login").header("Cookie", cookies).json(&body)).await
}

/// The device cookie of an answer.
fn device_of(answer: &Answer) -> String {
    let cookies = answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies.into_iter().find(|cookie| cookie.contains("watchtape_device=")).expect("a device cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=15552000"] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    cookie.split(';').next().expect("a cookie").to_owned()
}

async fn id_of(account: &Account) -> UserId {
    let me = account.client.get("/api/v1/me").await.expect(200);
    me["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

/// The token of a new link.
fn link_for(server: &TestServer, owner: &UserId) -> String {
    reset_links::replace(&mut server.connect(), owner, &RequestInfo::default()).expect("a link")
}

async fn reset(client: &Client, token: &str, password: &str) -> Answer {
    client.post("/api/v1/auth/reset", &json!({ "token": token, "new_password": password })).await
}

#[actix_web::test]
async fn a_password_that_is_guessed_soon_is_refused() {
    let server = TestServer::start(Backend::Sqlite).await;
    let client = server.client();
    for weak in ["password123", "Qwertyuiop", "lovelace sonata 7", "my-watchtape-pass", "aaaaaaaaaaaaaaaa"] {
        let body = json!({ "email": "ada@lovelace.example", "password": weak });
        let problem = client.post("/api/v1/auth/register", &body).await.refused(422, "weak_password");
        assert_eq!(problem["errors"][0]["pointer"], "/password", "{weak}");
    }
    let named = json!({ "email": "ada@example.com", "password": "countess of 1843", "display_name": "The Countess" });
    client.post("/api/v1/auth/register", &named).await.refused(422, "weak_password");
    let good = json!({ "email": "ada@lovelace.example", "password": "xkqjzwvb" });
    client.post("/api/v1/auth/register", &good).await.expect(201);
}

async fn a_hash_of_other_parameters_is_made_anew_at_sign_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let (owner, email) = (id_of(&account).await, account.email.parse::<Email>().expect("an address"));
    let stored = || user::find_by_email(&mut server.connect(), &email).expect("a query").expect("an account");
    let cheap = Argon2::from(Params::new(8, 1, 1, None).expect("parameters"));
    let cheap = cheap.hash_password(account.password.as_bytes()).expect("a hash").to_string();
    user::set_password(&mut server.connect(), &owner, &cheap).expect("a change");

    sign_in(&server.client(), &account.email, "not the password").await.refused(401, "wrong_credentials");
    assert_eq!(stored().password_hash, cheap);
    sign_in(&server.client(), &account.email, &account.password).await.expect(200);
    let anew = stored().password_hash;
    assert!(anew.starts_with("$argon2id$v=19$m=47104,t=1,p=1$"), "{anew}");
    sign_in(&server.client(), &account.email, &account.password).await.expect(200);
    assert_eq!(stored().password_hash, anew);
}

async fn failed_sign_ins_are_slowed_down_and_noted(backend: Backend) {
    let server = TestServer::start_with(backend, &["--login-per-minute", "3"]).await;
    let client = server.client();
    let account = client.register().await;
    for _ in 0..5 {
        sign_in(&client, &account.email, &account.password).await.expect(200);
    }
    let mut refusals = Vec::new();
    for email in [account.email.as_str(), "nobody@example.com"] {
        for number in 0..3 {
            sign_in(&client, email, &format!("wrong guess {number}")).await.refused(401, "wrong_credentials");
        }
        for password in ["wrong guess 4", &account.password] {
            let answer = sign_in(&client, email, password).await;
            let mut problem = answer.refused(429, "too_many_requests");
            let pause = answer.header("retry-after").parse::<u64>().expect("seconds");
            assert!((1..=20).contains(&pause), "a token comes back every 20 s: {pause}");
            problem["request_id"].take();
            problem["detail"].take();
            refusals.push(problem);
        }
    }
    assert!(refusals.iter().all(|one| *one == refusals[0]), "{refusals:?}");

    let owner = id_of(&account).await;
    until("what was noted", async || {
        let events = audit::list(&mut server.connect(), &owner, None, 100).expect("a query");
        let count = |kind| events.iter().filter(|event| event.kind == kind).count();
        let counts = [EventKind::SignInFailed, EventKind::SignInThrottled].map(count);
        if counts != [3, 1] {
            return false;
        }
        assert_eq!([EventKind::AccountOpened, EventKind::SignedIn].map(count), [1, 5]);
        assert!(events.iter().all(|event| event.address.as_deref() == Some("127.0.0.1")), "{events:?}");
        true
    })
    .await;
}

#[actix_web::test]
async fn a_wrong_password_that_comes_again_costs_nothing() {
    let server = TestServer::start_with(Backend::Sqlite, &["--login-per-minute", "2"]).await;
    let client = server.client();
    let account = client.register().await;
    for _ in 0..6 {
        sign_in(&client, &account.email, "an old password").await.refused(401, "wrong_credentials");
        sign_in(&client, "nobody@example.com", "an old password").await.refused(401, "wrong_credentials");
    }
    sign_in(&client, &account.email, &account.password).await.expect(200);
}

#[actix_web::test]
async fn an_attack_on_an_account_does_not_keep_its_owner_out() {
    let server = TestServer::start_with(Backend::Sqlite, &["--login-per-minute", "2"]).await;
    let (near, far) = (server.client(), client_at(&server, 2));
    let account = near.register().await;
    let device = device_of(&browse_in(&near, &account, "").await);
    let other = near.register().await;
    let device_of_other = device_of(&browse_in(&near, &other, "").await);

    // All at once: no more of them are tried than one after the other would be.
    let guesses = (0..60).map(|number| format!("wrong guess {number}"));
    let answers = futures_util::future::join_all(guesses.map(|guess| {
        let (near, email) = (near.clone(), account.email.clone());
        async move { sign_in(&near, &email, &guess).await.status.as_u16() }
    }));
    let answers = answers.await;
    let tried = answers.iter().filter(|status| **status == 401).count();
    assert!((1..=2).contains(&tried) && answers.iter().all(|status| matches!(status, 401 | 429)), "{answers:?}");
    // What was left of the budget, if anything.
    for guess in ["one more guess", "a last guess"] {
        sign_in(&near, &account.email, guess).await;
    }

    browse_in(&near, &account, "").await.refused(429, "too_many_requests");
    browse_in(&near, &account, &device_of_other).await.refused(429, "too_many_requests");
    browse_in(&near, &account, &format!("{device}x")).await.refused(429, "too_many_requests");
    browse_in(&near, &account, &device).await.expect(200);
    browse_in(&far, &account, "").await.expect(200);

    // From everywhere, until an address is turned away at its first try.
    let mut tried = 0;
    for last in 3.. {
        assert!(last < 100, "an account's budget over all addresses has no end");
        let elsewhere = client_at(&server, last);
        if sign_in(&elsewhere, &account.email, "one guess").await.status == 429 {
            break;
        }
        sign_in(&elsewhere, &account.email, "and another guess").await;
        tried += 1;
    }
    assert!(tried >= 8, "{tried} addresses");
    browse_in(&far, &account, &device).await.expect(200);
    browse_in(&far, &other, "").await.expect(200);
}

#[actix_web::test]
async fn an_address_has_a_budget_over_all_accounts() {
    let server = TestServer::start_with(Backend::Sqlite, &["--login-per-minute", "1"]).await;
    let account = server.client().register().await;
    let mut tried = 0;
    while sign_in(&server.client(), &format!("nobody{tried}@example.com"), "a wrong guess").await.status == 401 {
        tried += 1;
        assert!(tried < 100, "an address's budget over all accounts has no end");
    }
    assert!(tried >= 10, "{tried} accounts");
    sign_in(&client_at(&server, 2), &account.email, &account.password).await.expect(200);
}

#[actix_web::test]
async fn without_a_limit_nothing_is_slowed_down() {
    let server = TestServer::start_with(Backend::Sqlite, &["--login-per-minute", "0"]).await;
    let account = server.client().register().await;
    let guesses = (0..20).map(|number| format!("wrong guess {number}"));
    for answer in futures_util::future::join_all(guesses.map(|guess| {
        let (client, email) = (server.client(), account.email.clone());
        async move { sign_in(&client, &email, &guess).await }
    }))
    .await
    {
        answer.refused(401, "wrong_credentials");
    }
}

async fn what_was_wrong_is_right_once_the_password_has_changed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let token = link_for(&server, &id_of(&account).await);
    let next = "tangerine sleeps on tuesdays";
    sign_in(&client, &account.email, next).await.refused(401, "wrong_credentials");
    reset(&client, &token, next).await.expect(204);
    sign_in(&client, &account.email, next).await.expect(200);
    sign_in(&client, &account.email, &account.password).await.refused(401, "wrong_credentials");
}

async fn a_link_sets_a_new_password_once_and_signs_everybody_out(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let owner = id_of(&account).await;
    let mut socket = Socket::open(&account.client).await;
    let (_, program) = account.make_key(&["write"]).await;
    let older = link_for(&server, &owner);
    let token = link_for(&server, &owner);
    let next = "tangerine sleeps on tuesdays";
    for void in [older.as_str(), "", "x", &"x".repeat(5000)] {
        let problem = reset(&client, void, next).await.refused(422, "invalid_reset_token");
        assert_eq!(problem["errors"][0]["pointer"], "/token");
    }
    let problem = reset(&client, &token, "password123").await.refused(422, "weak_password");
    assert_eq!(problem["errors"][0]["pointer"], "/new_password");
    account.client.get("/api/v1/me").await.expect(200);

    let elsewhere = json!({ "token": token, "new_password": next });
    let request = client.request(Method::POST, "/api/v1/auth/reset").header("Origin", "http://evil.example.com");
    client.send(request.json(&elsewhere)).await.refused(403, "forbidden_origin");
    // Two clicks: one of them sets the password.
    let (one, two) = tokio::join!(reset(&client, &token, next), reset(&client, &token, next));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
    assert_eq!(socket.closed().await, 4409);
    account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    sign_in(&client, &account.email, next).await.expect(200);
    // Whoever had the account may have made keys.
    program.get("/api/v1/watchlists").await.refused(401, "unauthenticated");
    let events = audit::list(&mut server.connect(), &owner, None, 100).expect("a query");
    for (kind, times) in [(EventKind::ResetLinkMade, 2), (EventKind::PasswordReset, 1)] {
        assert_eq!(events.iter().filter(|event| event.kind == kind).count(), times, "{kind:?}");
    }

    let expired = sha256_hex("an old token");
    password_reset::create(&mut server.connect(), &owner, &expired, TimeDelta::seconds(-1)).expect("a link");
    reset(&client, "an old token", next).await.refused(422, "invalid_reset_token");
    let barred = link_for(&server, &owner);
    account_status::disable(&mut server.connect(), &account.email.parse().expect("an address")).expect("a change");
    reset(&client, &barred, next).await.refused(422, "invalid_reset_token");
}

/// Waits until nothing is left of the mails that were asked for: while one waits, no other is queued for its address.
async fn until_settled(server: &TestServer) {
    let waiting = |email: &str| {
        let found = tables_with(&mut server.connect(), &[email]);
        found.iter().any(|table| table == "reset_mails")
    };
    until("the queue is empty", async || !waiting("@")).await;
}

async fn a_forgotten_password_is_replaced_by_mail(backend: Backend) {
    let mut mails = MailServer::start().await;
    let url = mails.url();
    let flags = ["--smtp-url", &url, "--mail-from", "Watchtape <tape@example.com>"];
    let origin = ["--public-origin", "https://watch.example.com"];
    let server = TestServer::start_with(backend, &[&flags[..], &origin[..]].concat()).await;
    let client = server.client();
    let (account, other) = (client.register().await, client.register().await);
    let forgot = |email: &str| {
        let (client, body) = (client.clone(), json!({ "email": email }));
        async move { client.post("/api/v1/auth/forgot", &body).await.expect(202) }
    };
    // Nobody hears of an address without an account, and an account gets three in an hour.
    forgot("nobody@example.com").await;
    until_settled(&server).await;
    let mut tokens = Vec::new();
    for to in [&account.email, &account.email, &account.email, &other.email] {
        if to == &other.email {
            forgot(&account.email).await;
            until_settled(&server).await;
        }
        forgot(&to.to_uppercase()).await;
        let mail = mails.next().await;
        until_settled(&server).await;
        assert_eq!((mail.from.as_str(), &mail.to), ("tape@example.com", to));
        assert!(mail.text.contains("https://watch.example.com/reset#"), "{}", mail.text);
        tokens.push(mail.token());
    }
    let next = "tangerine sleeps on tuesdays";
    reset(&client, &tokens[1], next).await.refused(422, "invalid_reset_token");
    reset(&client, &tokens[2], next).await.expect(204);
    sign_in(&client, &account.email, next).await.expect(200);
}

async fn a_mail_that_is_put_off_is_sent_later(backend: Backend) {
    let mut mails = MailServer::start().await;
    let url = mails.url();
    let server = TestServer::start_with(backend, &["--smtp-url", &url, "--mail-from", "tape@example.com"]).await;
    let client = server.client();
    let accounts = [client.register().await, client.register().await, client.register().await];
    let forgot = |email: &str| {
        let (client, body) = (client.clone(), json!({ "email": email }));
        async move { client.post("/api/v1/auth/forgot", &body).await.expect(202) }
    };
    let account = &accounts[0];
    forgot(&account.email).await;
    let first = mails.next().await.token();
    until_settled(&server).await;
    mails.answer(Some("451 4.7.1 greylisted, try again in a minute"));
    forgot(&account.email).await;
    until("it was put off", async || mails.asked() == 2).await;
    // Who asks again meanwhile waits for the same mail.
    forgot(&account.email).await;
    reset(&client, &first, "password").await.refused(422, "weak_password");
    mails.answer(Some("250 ok"));
    let second = mails.next().await.token();
    let next = "tangerine sleeps on tuesdays";
    until_settled(&server).await;
    reset(&client, &first, next).await.refused(422, "invalid_reset_token");
    reset(&client, &second, next).await.expect(204);

    until_settled(&server).await;
    // A server that takes its time with one keeps no other waiting.
    let before = mails.asked();
    mails.answer(None);
    for account in &accounts {
        forgot(&account.email).await;
    }
    until("all are under way", async || mails.asked() == before + accounts.len()).await;
    mails.answer(Some("250 ok"));
    for _ in &accounts {
        mails.next().await;
    }
}

#[actix_web::test]
async fn a_mail_that_is_refused_is_told_without_the_address() {
    let mails = MailServer::start().await;
    let folder = TempDir::new().expect("a folder");
    let flags = ["--data-dir", folder.path().to_str().expect("a path"), "--smtp-url", &mails.url()];
    let served = Served::start(&[&flags[..], &["--mail-from", "tape@example.com"]].concat());
    let client = Client::new(served.address);
    let account = client.register().await;
    mails.answer(Some("550 5.1.1 <ada@example.com> unknown, says the server"));
    client.post("/api/v1/auth/forgot", &json!({ "email": account.email })).await.expect(202);
    until("it is told", async || !served.logged("could not mail").is_empty()).await;
    let told = served.logged("could not mail");
    assert!(told[0].contains("550") && !told[0].contains('@') && !told[0].contains("says the server"), "{told:?}");
    assert!(served.logged(&account.email).is_empty());
    assert_eq!(mails.asked(), 1);
}

#[actix_web::test]
async fn a_server_without_mail_says_so() {
    let server = TestServer::start(Backend::Sqlite).await;
    let body = json!({ "email": "ada@example.com" });
    server.client().post("/api/v1/auth/forgot", &body).await.refused(503, "mail_unavailable");
}
