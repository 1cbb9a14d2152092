//! One spelling of names, addresses and passwords, whichever keyboard they were typed on; and nothing in them that nobody
//! sees. What older versions stored in another spelling stays of use.

use crate::support::client::Answer;
use crate::support::{Backend, Client, TestServer, on_both_databases};
use argon2::{Argon2, Params, PasswordHasher};
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};
use watchtape::db::user;
use watchtape_shared::account::Email;

on_both_databases!(
    an_account_is_found_by_each_spelling_of_its_address_and_password,
    an_address_of_another_spelling_in_the_database_still_signs_in,
    a_hash_of_what_was_typed_still_signs_in_and_is_made_anew,
    a_name_has_one_spelling,
    what_nobody_sees_is_refused_and_said,
    a_name_that_was_stored_before_is_read_as_it_is,
);

async fn enter(client: &Client, path: &str, email: &str, password: &str) -> Answer {
    client
        .post(&format!("/api/v1/auth/{path}"), &json!({ "email": email, "password": password, "transport": "body" }))
        .await
}

async fn an_account_is_found_by_each_spelling_of_its_address_and_password(backend: Backend) {
    let server = TestServer::start(backend).await;
    let client = server.client();
    let opened = enter(&client, "register", "A\u{30A}sa@BU\u{308}CHER.example", "gru\u{308}n\u{3000}Pferd lesen").await;
    assert_eq!(opened.expect(201)["user"]["email"], "åsa@bücher.example");
    for (email, password) in [
        ("åsa@bücher.example", "grün Pferd lesen"),
        ("ÅSA@xn--bcher-kva.example", "gru\u{308}n Pferd\u{A0}lesen"),
        ("a\u{30A}sa@bücher\u{3002}example", "gru\u{308}n\u{3000}Pferd lesen"),
    ] {
        enter(&client, "login", email, password).await.expect(200);
    }
    enter(&client, "login", "asa@bücher.example", "grün Pferd lesen").await.refused(401, "wrong_credentials");
    enter(&client, "login", "åsa@bücher.example", "grun Pferd lesen").await.refused(401, "wrong_credentials");
    enter(&client, "register", "åsa@xn--bcher-kva.example", "ein anderes Passwort hier")
        .await
        .refused(409, "email_taken");
}

async fn an_address_of_another_spelling_in_the_database_still_signs_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    for former in ["ada@xn--bcher-kva.example", "ada@bu\u{308}cher.example"] {
        let account = server.client().register().await;
        let moved = format!("UPDATE users SET email = '{former}' WHERE email = '{}'", account.email);
        server.connect().batch_execute(&moved).expect("an address");
        for typed in [former, "ada@bücher.example"] {
            enter(&server.client(), "login", typed, &account.password).await.expect(200);
        }
        enter(&server.client(), "register", "ada@bücher.example", "ein anderes Passwort hier")
            .await
            .refused(409, "email_taken");
        server
            .connect()
            .batch_execute(&format!("DELETE FROM users WHERE email = '{former}'"))
            .expect("an account less");
    }
}

async fn a_hash_of_what_was_typed_still_signs_in_and_is_made_anew(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let email = account.email.parse::<Email>().expect("an address");
    let stored = || user::find_by_email(&mut server.connect(), &email).expect("a query").expect("an account");
    // The parameters are today's, so that only the text is of the past.
    let of_today = Argon2::from(Params::new(46 * 1024, 1, 1, None).expect("parameters"));
    for (typed, normalised) in [
        ("gru\u{308}n\u{A0}Pferd lesen", Some("grün Pferd lesen")),
        // No new password would have it.
        ("correct\u{200B}horse battery", None),
    ] {
        let former = of_today.hash_password(typed.as_bytes()).expect("a hash").to_string();
        user::set_password(&mut server.connect(), &stored().user.id, &former).expect("a change");
        enter(&server.client(), "login", &account.email, "not the password").await.refused(401, "wrong_credentials");
        assert_eq!(stored().password_hash, former);
        enter(&server.client(), "login", &account.email, typed).await.expect(200);
        assert_eq!(stored().password_hash != former, normalised.is_some(), "made anew where it has another spelling");
        for password in [Some(typed), normalised].into_iter().flatten() {
            let before = stored().password_hash;
            enter(&server.client(), "login", &account.email, password).await.expect(200);
            assert_eq!(stored().password_hash, before, "and once");
        }
    }
}

async fn a_name_has_one_spelling(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let create = async |name: &str| account.client.post("/api/v1/watchlists", &json!({ "name": name })).await;
    let made = create("Ta\u{308}glich").await;
    assert_eq!(made.expect(201)["name"], "Täglich");
    create("Täglich").await.refused(409, "list_name_taken");
    let items = format!("{}/items", made.header("location"));
    let item =
        json!({ "symbol": "AAPL", "note": "scho\u{308}n\n👨\u{200D}👩\u{200D}👧", "section": "می\u{200C}خواهم" });
    let added = account.client.post(&items, &item).await.expect(201);
    assert_eq!(
        (&added["note"], &added["section"]),
        (&json!("schön\n👨\u{200D}👩\u{200D}👧"), &json!("می\u{200C}خواهم"))
    );
    let me = account.client.patch("/api/v1/me", &json!({ "display_name": "A\u{30A}sa" }), None).await.expect(200);
    assert_eq!(me["display_name"], "Åsa");
}

async fn what_nobody_sees_is_refused_and_said(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let said = |answer: Answer, pointer: &str, word: &str| {
        let problem = answer.refused(422, "invalid");
        let error = &problem["errors"][0];
        assert_eq!(error["pointer"], pointer);
        assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(word)), "{error}");
    };
    for (hidden, word) in
        [("\u{200B}", "invisible"), ("\u{202E}", "direction"), ("\u{7}", "control"), ("\u{AD}", "invisible")]
    {
        let text = format!("Te{hidden}ch");
        let post = async |path: &str, body: Value| account.client.post(path, &body).await;
        said(post("/api/v1/watchlists", json!({ "name": text })).await, "/name", word);
        said(post(&format!("{list}/items"), json!({ "symbol": "AAPL", "note": text })).await, "/note", word);
        said(post(&format!("{list}/items"), json!({ "symbol": "AAPL", "section": text })).await, "/section", word);
        said(account.client.patch("/api/v1/me", &json!({ "display_name": text }), None).await, "/display_name", word);
        let email = format!("a{hidden}da@example.com");
        said(enter(&server.client(), "register", &email, "correct horse battery").await, "/email", "invisible");
        let password = format!("correct{hidden}horse battery");
        let word = if word == "control" { word } else { "invisible" };
        said(enter(&server.client(), "register", "new@example.com", &password).await, "/password", word);
    }
    assert!(account.symbols(&list).await.is_empty());
}

async fn a_name_that_was_stored_before_is_read_as_it_is(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let texts = "UPDATE watchlists SET name = 'Te\u{200B}ch'; UPDATE watchlist_items SET note = 'a\u{202E}b', section = 'Ta\u{308}g'";
    server.connect().batch_execute(texts).expect("texts of the past");
    let read = account.client.get(&list).await.expect(200);
    assert_eq!(read["name"], "Te\u{200B}ch");
    assert_eq!((&read["items"][0]["note"], &read["items"][0]["section"]), (&json!("a\u{202E}b"), &json!("Ta\u{308}g")));
}
