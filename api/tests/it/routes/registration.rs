//! Who may open an account: anybody, whom the operator has invited, or nobody.

use crate::support::{Account, Backend, Client, Database, TestServer, on_both_databases};
use serde_json::{Value, json};
use watchtape::auth::registrations;
use watchtape::db::DbConnection;
use watchtape_shared::account::Email;

on_both_databases!(
    where_it_is_open_anybody_registers_and_the_app_is_told,
    where_it_is_closed_nobody_registers,
    who_is_invited_registers_once,
    an_invitation_lets_one_of_two_at_once_in,
    a_guest_of_before_is_kept_by_an_invitation,
);

const REGISTER: &str = "/api/v1/auth/register";

async fn start(backend: Backend, policy: &str) -> TestServer {
    TestServer::start_with(backend, &["--registration", policy]).await
}

fn invite(connection: &mut DbConnection, email: Option<&str>) -> String {
    let email: Option<Email> = email.map(|email| email.parse().expect("an address"));
    registrations::invite(connection, email.as_ref()).expect("an invitation")
}

fn person(email: &str, invitation: Option<&str>) -> Value {
    let mut body = json!({ "email": email, "password": "correct horse battery", "transport": "body" });
    if let Some(invitation) = invitation {
        body["invitation"] = json!(invitation);
    }
    body
}

async fn policy(client: &Client) -> Value {
    client.get("/api/v1/auth/guest").await.expect(200)
}

async fn where_it_is_open_anybody_registers_and_the_app_is_told(backend: Backend) {
    let server = start(backend, "open").await;
    let client = server.client();
    assert_eq!(policy(&client).await, json!({ "available": true, "registration": "open" }));
    client.post(REGISTER, &person("a@example.com", None)).await.expect(201);
    // An old link does no harm.
    client.post(REGISTER, &person("b@example.com", Some("of-some-other-server"))).await.expect(201);
}

async fn where_it_is_closed_nobody_registers(backend: Backend) {
    let server = start(backend, "closed").await;
    let client = server.client();
    assert_eq!(policy(&client).await, json!({ "available": false, "registration": "closed" }));
    let invitation = invite(&mut server.connect(), None);
    for body in [person("a@example.com", None), person("a@example.com", Some(&invitation))] {
        client.post(REGISTER, &body).await.refused(403, "registration_closed");
    }
    client.post("/api/v1/auth/guest", &json!({})).await.refused(403, "guests_closed");
}

async fn who_is_invited_registers_once(backend: Backend) {
    let server = start(backend, "invite").await;
    let client = server.client();
    assert_eq!(policy(&client).await, json!({ "available": false, "registration": "invite" }));
    client.post("/api/v1/auth/guest", &json!({})).await.refused(403, "guests_closed");
    let problem = client.post(REGISTER, &person("a@example.com", None)).await.refused(403, "invitation_required");
    assert_eq!(problem["errors"][0]["pointer"], "/invitation", "{problem}");
    let unknown = person("a@example.com", Some("an-invitation-that-nobody-has-made"));
    client.post(REGISTER, &unknown).await.refused(403, "invitation_invalid");

    let (for_ada, for_anybody) =
        (invite(&mut server.connect(), Some("Ada@Example.com")), invite(&mut server.connect(), None));
    client.post(REGISTER, &person("b@example.com", Some(&for_ada))).await.refused(403, "invitation_invalid");
    client.post(REGISTER, &person("ada@example.com", Some(&for_ada))).await.expect(201);
    client.post(REGISTER, &person("ada2@example.com", Some(&for_ada))).await.refused(403, "invitation_invalid");
    // What fails for another reason does not use it up.
    client.post(REGISTER, &person("ada@example.com", Some(&for_anybody))).await.refused(409, "email_taken");
    client.post(REGISTER, &person("c@example.com", Some(&for_anybody))).await.expect(201);

    let expired = invite(&mut server.connect(), None);
    diesel::connection::SimpleConnection::batch_execute(
        &mut server.connect(),
        "UPDATE invitations SET expires_at = '2020-01-01 00:00:00'",
    )
    .expect("an expiry");
    client.post(REGISTER, &person("d@example.com", Some(&expired))).await.refused(403, "invitation_invalid");
}

async fn an_invitation_lets_one_of_two_at_once_in(backend: Backend) {
    let server = start(backend, "invite").await;
    let client = server.client();
    let invitation = invite(&mut server.connect(), None);
    let people: Vec<Value> = (0..4).map(|n| person(&format!("person{n}@example.com"), Some(&invitation))).collect();
    let answers = futures_util::future::join_all(people.iter().map(|body| client.post(REGISTER, body))).await;
    let opened = answers.iter().filter(|answer| answer.status.as_u16() == 201).count();
    assert_eq!(opened, 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status.as_u16() != 201) {
        answer.refused(403, "invitation_invalid");
    }
}

async fn a_guest_of_before_is_kept_by_an_invitation(backend: Backend) {
    let database = Database::ready(backend).await;
    let (url, folder) = (database.setting(), database.folder());
    let before = TestServer::start_on(database, &[]).await;
    let guest = before.client().begin_as_guest().await;
    // The same database, by the settings of after.
    let after = |policy: &'static str| {
        let flags = ["--database-url", &url, "--data-dir", folder.to_str().expect("a path"), "--registration", policy];
        crate::support::process::Served::start(&flags)
    };
    let keep = json!({ "email": "ada@example.com", "password": "correct horse battery" });
    {
        let served = after("closed");
        let client = Client { address: served.address, ..guest.client.clone() };
        client.post("/api/v1/me/keep", &keep).await.refused(403, "registration_closed");
    }
    let served = after("invite");
    let guest = Account { client: Client { address: served.address, ..guest.client.clone() }, ..guest };
    guest.client.post("/api/v1/me/keep", &keep).await.refused(403, "invitation_required");
    let mut with_invitation = keep.clone();
    with_invitation["invitation"] = json!(invite(&mut before.connect(), None));
    let kept = guest.client.post("/api/v1/me/keep", &with_invitation).await.expect(200);
    assert_eq!(kept["email"], "ada@example.com");
}
