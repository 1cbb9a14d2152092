//! Signing up, in and out, and staying signed in.

use crate::support::{Backend, Client, TestServer, on_both_databases};
use diesel::connection::SimpleConnection;
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    an_account_is_opened_used_and_left,
    a_sign_out_ends_what_it_presents,
    a_password_of_any_length_gets_the_same_answer,
    a_wrong_password_and_an_unknown_address_get_the_same_answer,
    an_address_has_one_account,
    a_refresh_token_is_used_once_and_a_copy_ends_the_session,
    a_repeated_refresh_gets_the_same_successor,
    a_used_token_from_the_future_ends_the_session,
    a_browser_is_served_by_a_cookie_that_scripts_cannot_read,
    a_page_of_another_origin_is_refused,
    a_sign_in_takes_the_place_of_the_browsers_session,
    a_name_that_can_lead_anywhere_is_not_the_services_own,
    what_is_not_a_token_is_refused,
);

async fn an_account_is_opened_used_and_left(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let me = account.client.get("/api/v1/me").await.expect(200);
    assert_eq!(me["email"], account.email);
    assert_eq!(Some(me["display_name"].as_str().expect("a name")), account.email.split('@').next());
    assert!(me["id"].as_str().is_some_and(|id| id.starts_with("usr_")));
    assert!(me.get("password_hash").is_none());

    let login = json!({ "email": account.email.to_uppercase(), "password": account.password });
    let signed_in = client.post("/api/v1/auth/login", &login).await.expect(200);
    assert_eq!(signed_in["token_type"], "Bearer");
    assert_eq!(signed_in["expires_in"], 600);
    assert_eq!(signed_in["user"], me);

    let refresh = json!({ "refresh_token": account.refresh_token });
    client.post("/api/v1/auth/logout", &refresh).await.expect(204);
    client.post("/api/v1/auth/logout", &refresh).await.refused(401, "invalid_refresh_token");
    account.client.get("/api/v1/me").await.refused(401, "unauthenticated");
    client.post("/api/v1/auth/refresh", &refresh).await.refused(401, "invalid_refresh_token");
}

/// What is presented is ended, and nothing else; who presents nothing is told so.
async fn a_sign_out_ends_what_it_presents(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let login = json!({ "email": account.email, "password": account.password, "transport": "body" });
    let with_token = |token: &Value| Client { token: token.as_str().map(str::to_owned), ..server.client() };
    let one = with_token(&client.post("/api/v1/auth/login", &login).await.expect(200)["access_token"]);
    let other = with_token(&client.post("/api/v1/auth/login", &login).await.expect(200)["access_token"]);
    let sign_out = |client: &Client, path: &str| {
        let request = client.request(Method::POST, &format!("/api/v1/auth/{path}"));
        let client = client.clone();
        async move { client.send(request).await }
    };
    for path in ["logout", "logout-all"] {
        sign_out(&client, path).await.refused(401, "unauthenticated");
        sign_out(&with_token(&json!("not.a.token")), path).await.refused(401, "unauthenticated");
    }
    let key = one.post("/api/v1/me/api-keys", &json!({ "name": "k", "scopes": ["read", "write"] })).await.expect(201);
    sign_out(&with_token(&key["key"]), "logout-all").await.refused(403, "session_required");

    sign_out(&one, "logout").await.expect(204);
    one.get("/api/v1/me").await.refused(401, "unauthenticated");
    other.get("/api/v1/me").await.expect(200);
    sign_out(&one, "logout").await.refused(401, "unauthenticated");
    sign_out(&other, "logout-all").await.expect(204);
    for ended in [&other, &account.client] {
        ended.get("/api/v1/me").await.refused(401, "unauthenticated");
    }
}

/// A password that no account can have is a wrong one.
async fn a_password_of_any_length_gets_the_same_answer(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    for password in ["", "short", &"x".repeat(129), &"x".repeat(10_000)] {
        let login = json!({ "email": account.email, "password": password });
        client.post("/api/v1/auth/login", &login).await.refused(401, "wrong_credentials");
    }
}

async fn a_wrong_password_and_an_unknown_address_get_the_same_answer(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let mut answers = Vec::new();
    for email in [account.email.as_str(), "nobody@example.com"] {
        let login = json!({ "email": email, "password": "not the password" });
        let answer = client.post("/api/v1/auth/login", &login).await;
        let mut problem = answer.refused(401, "wrong_credentials");
        assert!(answer.header("www-authenticate").starts_with("Bearer"));
        problem["request_id"].take();
        answers.push(problem);
    }
    assert_eq!(answers[0], answers[1]);
}

async fn an_address_has_one_account(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let again = json!({ "email": account.email.to_uppercase(), "password": "another password" });
    let problem = client.post("/api/v1/auth/register", &again).await.refused(409, "email_taken");
    assert_eq!(problem["errors"][0]["pointer"], "/email");
    let login = json!({ "email": account.email, "password": account.password });
    client.post("/api/v1/auth/login", &login).await.expect(200);
}

async fn a_refresh_token_is_used_once_and_a_copy_ends_the_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let refresh = |token: String| {
        let client = client.clone();
        async move { client.post("/api/v1/auth/refresh", &json!({ "refresh_token": token })).await }
    };
    let second = refresh(account.refresh_token.clone()).await.expect(200);
    let second_token = second["refresh_token"].as_str().expect("a token").to_owned();
    assert_ne!(second_token, account.refresh_token);
    let third = refresh(second_token).await.expect(200);
    let third_token = third["refresh_token"].as_str().expect("a token").to_owned();
    // Two steps behind: nobody but a thief, or a backup, has it still.
    let access = third["access_token"].as_str().expect("a token").to_owned();
    let signed_in = Client { token: Some(access), ..client.clone() };
    signed_in.get("/api/v1/me").await.expect(200);
    refresh(account.refresh_token.clone()).await.refused(401, "invalid_refresh_token");
    signed_in.get("/api/v1/me").await.refused(401, "unauthenticated");
    refresh(third_token).await.refused(401, "invalid_refresh_token");
    // What never was a token of the family ends nothing.
    let other = client.register().await;
    refresh("x".repeat(43)).await.refused(401, "invalid_refresh_token");
    other.client.get("/api/v1/me").await.expect(200);
}

/// A token whose exchange seems yet to come was used under a clock that was wrong: it is as good as old.
async fn a_used_token_from_the_future_ends_the_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let used = json!({ "refresh_token": account.refresh_token });
    let second = client.post("/api/v1/auth/refresh", &used).await.expect(200);
    let later = (watchtape::clock::now() + chrono::TimeDelta::hours(2)).format("%Y-%m-%d %H:%M:%S");
    server.connect().batch_execute(&format!("UPDATE sessions SET rotated_at = '{later}'")).expect("a session");
    client.post("/api/v1/auth/refresh", &used).await.refused(401, "invalid_refresh_token");
    let successor = json!({ "refresh_token": second["refresh_token"] });
    client.post("/api/v1/auth/refresh", &successor).await.refused(401, "invalid_refresh_token");
}

async fn a_repeated_refresh_gets_the_same_successor(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let body = json!({ "refresh_token": account.refresh_token });
    let refresh = || async { client.post("/api/v1/auth/refresh", &body).await.expect(200)["refresh_token"].clone() };
    // Tabs at once, and an answer that was lost.
    let answers = futures_util::future::join_all((0..8).map(|_| refresh())).await;
    assert!(answers.iter().all(|one| *one == answers[0]), "{answers:?}");
    assert_eq!(refresh().await, answers[0]);
}

async fn a_browser_is_served_by_a_cookie_that_scripts_cannot_read(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let body = json!({ "email": "browser@example.com", "password": "correct horse" });
    let answer = client.post("/api/v1/auth/register", &body).await;
    assert!(answer.expect(201).get("refresh_token").is_none());
    let cookie = answer.header("set-cookie").to_owned();
    for part in ["watchtape_refresh=", "HttpOnly", "SameSite=Strict", "Path=/", "Max-Age="] {
        assert!(cookie.contains(part), "{part} is missing in {cookie}");
    }
    assert_eq!(answer.header("cache-control"), "no-store");

    let pair = cookie.split(';').next().expect("a cookie");
    let refresh = || client.request(Method::POST, "/api/v1/auth/refresh").header("Cookie", pair);
    let refreshed = client.send(refresh().header("Origin", format!("http://{}", server.address))).await;
    refreshed.expect(200);
    assert_ne!(refreshed.header("set-cookie"), cookie);
    client.send(client.request(Method::POST, "/api/v1/auth/refresh")).await.refused(401, "invalid_refresh_token");

    let next = refreshed.header("set-cookie").split(';').next().expect("a cookie");
    let leave = || client.request(Method::POST, "/api/v1/auth/logout").header("Cookie", next);
    client.send(leave().header("Origin", "http://evil.example.com")).await.refused(403, "forbidden_origin");
    let left = client.send(leave()).await;
    left.expect(204);
    assert!(left.header("set-cookie").contains("Max-Age=0"), "{left:?}");
    let again = client.request(Method::POST, "/api/v1/auth/refresh").header("Cookie", next);
    client.send(again).await.refused(401, "invalid_refresh_token");
    // A cookie is no proof of anything but to the refresh.
    client.send(client.request(Method::GET, "/api/v1/me").header("Cookie", pair)).await.refused(401, "unauthenticated");
}

async fn a_sign_in_takes_the_place_of_the_browsers_session(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let login = json!({ "email": account.email, "password": account.password });
    let sign_in = |cookie: String| {
        let client = server.client();
        let request = client.request(Method::POST, "/api/v1/auth/login").header("Cookie", cookie).json(&login);
        async move { client.send(request).await }
    };
    let first = sign_in(String::new()).await;
    let token = first.expect(200)["access_token"].as_str().map(str::to_owned);
    let browser = Client { token, ..server.client() };
    browser.get("/api/v1/me").await.expect(200);
    let set = first.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let cookie =
        set.filter_map(|cookie| cookie.split(';').next()).find(|cookie| cookie.starts_with("watchtape_refresh"));
    sign_in(cookie.expect("a refresh cookie").to_owned()).await.expect(200);
    browser.get("/api/v1/me").await.refused(401, "unauthenticated");
    // Other devices stay.
    account.client.get("/api/v1/me").await.expect(200);
}

async fn a_name_that_can_lead_anywhere_is_not_the_services_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let login = json!({ "email": account.email, "password": account.password });
    let from = |host: &str| {
        let client = server.client();
        let request = client.request(Method::POST, "/api/v1/auth/login").header("Host", host);
        let request = request.header("Origin", format!("http://{host}")).json(&login);
        async move { client.send(request).await }
    };
    from("evil.example.com").await.refused(403, "forbidden_origin");
    from("localhost:8080").await.expect(200);
}

async fn a_page_of_another_origin_is_refused(backend: Backend) {
    let server = TestServer::start_with(backend, &["--public-origin", "https://watch.example.com"]).await;
    let client = server.client();
    let body = json!({ "email": "a@example.com", "password": "correct horse" });
    let register = || client.request(Method::POST, "/api/v1/auth/register").json(&body);
    for origin in ["https://evil.example.com", "http://watch.example.com", "https://watch.example.com.evil.com", "null"]
    {
        client.send(register().header("Origin", origin)).await.refused(403, "forbidden_origin");
    }
    let answer = client.send(register().header("Origin", "https://watch.example.com")).await;
    answer.expect(201);
    assert!(answer.header("set-cookie").starts_with("__Host-watchtape_refresh="));
    assert!(answer.header("set-cookie").contains("Secure"));
}

async fn what_is_not_a_token_is_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let account = client.register().await;
    let token = account.client.token.clone().expect("a token");
    let (body, signature) = token.rsplit_once('.').expect("a JWT");
    let unsigned = format!("{}.{}.", "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", body.split('.').nth(1).expect("claims"));
    let shifted = format!("{body}.{}", signature.chars().rev().collect::<String>());
    for header in ["", "Bearer", "Bearer x", "Basic YTpi", &format!("Bearer {unsigned}"), &format!("Bearer {shifted}")]
    {
        let request = client.request(Method::GET, "/api/v1/me").header("Authorization", header);
        client.send(request).await.refused(401, "unauthenticated");
    }
    // A ticket is for a stream, not for this.
    let tickets = account.client.send(account.client.request(Method::POST, "/api/v1/stream/tickets")).await.expect(201);
    let ticket = tickets["ticket"].as_str().expect("a ticket");
    let request = client.request(Method::GET, "/api/v1/me").bearer_auth(ticket);
    client.send(request).await.refused(401, "unauthenticated");
}
