//! Watchlists: several, named, ordered, versioned.

use crate::support::{Account, Backend, TestServer, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    lists_are_made_renamed_moved_and_deleted,
    a_name_is_used_once_by_its_owner,
    there_are_at_most_fifty_lists,
    lists_that_move_at_once_do_not_wait_for_each_other,
    the_whole_order_is_set_at_a_version,
    a_version_guards_every_change,
    a_list_that_moves_with_another_is_a_new_version,
    a_patch_that_can_do_nothing_is_refused_and_counts_nothing,
    a_change_that_changes_nothing_counts_nothing,
    the_etag_names_the_version,
);

async fn names(account: &Account) -> Vec<String> {
    let lists = account.client.get("/api/v1/watchlists").await.expect(200);
    assert!(lists["next_cursor"].is_null());
    let items = lists["items"].as_array().expect("items");
    for (position, list) in items.iter().enumerate() {
        assert_eq!(list["position"], position);
    }
    items.iter().map(|list| list["name"].as_str().expect("a name").to_owned()).collect()
}

async fn create(account: &Account, name: &str) -> String {
    let answer = account.client.post("/api/v1/watchlists", &json!({ "name": name })).await;
    let list = answer.expect(201);
    assert_eq!(list["items"], json!([]));
    assert_eq!(answer.header("etag"), "\"1\"");
    let path = answer.header("location").to_owned();
    assert_eq!(path, format!("/api/v1/watchlists/{}", list["id"].as_str().expect("an id")));
    path
}

async fn lists_are_made_renamed_moved_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let tech = create(&account, "  Tech  ").await;
    let banks = create(&account, "Banks").await;
    assert_eq!(names(&account).await, ["Watchlist", "Tech", "Banks"]);

    let renamed = account.client.patch(&tech, &json!({ "name": "Chips" }), None).await;
    assert_eq!(renamed.expect(200)["name"], "Chips");
    assert_eq!(renamed.header("etag"), "\"2\"");
    account.client.patch(&banks, &json!({ "position": 0 }), None).await.expect(200);
    assert_eq!(names(&account).await, ["Banks", "Watchlist", "Chips"]);
    account.client.patch(&banks, &json!({ "position": 99, "name": "Last" }), None).await.expect(200);
    assert_eq!(names(&account).await, ["Watchlist", "Chips", "Last"]);

    account.client.delete(&tech, None).await.expect(204);
    assert_eq!(names(&account).await, ["Watchlist", "Last"]);
    account.client.get(&tech).await.refused(404, "not_found");
    account.client.delete(&tech, None).await.refused(404, "not_found");
}

async fn a_name_is_used_once_by_its_owner(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let tech = create(&account, "Tech").await;
    let body = json!({ "name": "Tech" });
    let problem = account.client.post("/api/v1/watchlists", &body).await.refused(409, "list_name_taken");
    assert_eq!(problem["errors"][0]["pointer"], "/name");
    create(&account, "Banks").await;
    account.client.patch(&tech, &json!({ "name": "Banks" }), None).await.refused(409, "list_name_taken");
    assert_eq!(account.client.get(&tech).await.header("etag"), "\"1\"", "a refused change changes nothing");
    let other = server.client().register().await;
    create(&other, "Tech").await;
}

async fn there_are_at_most_fifty_lists(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    // At once: counting and placing must not interleave.
    let bodies: Vec<Value> = (0..55).map(|number| json!({ "name": format!("List {number}") })).collect();
    let made = bodies.iter().map(|body| account.client.post("/api/v1/watchlists", body));
    let answers = futures_util::future::join_all(made).await;
    let (created, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status.is_success());
    assert_eq!((created.len(), refused.len()), (49, 6));
    for answer in refused {
        answer.refused(409, "too_many_lists");
    }
    assert_eq!(names(&account).await.len(), 50);
}

async fn lists_that_move_at_once_do_not_wait_for_each_other(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let mut lists = Vec::new();
    for number in 0..6 {
        lists.push(create(&account, &format!("List {number}")).await);
    }
    for round in 0..5u32 {
        let moves = lists.iter().zip(0u32..).map(|(list, number)| {
            let (client, body) = (account.client.clone(), json!({ "position": (number + round) % 6 }));
            async move { client.patch(list, &body, None).await }
        });
        for answer in futures_util::future::join_all(moves).await {
            answer.expect(200);
        }
    }
    assert_eq!(names(&account).await.len(), 7);
}

async fn the_whole_order_is_set_at_a_version(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "MSFT", "NVDA"]).await;
    let (order, tag) = (format!("{list}/order"), account.client.get(&list).await.header("etag").to_owned());
    let wanted = json!({ "symbols": ["NVDA", "AAPL", "MSFT"] });
    account.client.put(&order, &wanted, None).await.refused(428, "precondition_required");
    account.client.put(&order, &wanted, Some("\"1\"")).await.refused(412, "version_mismatch");
    for wrong in [
        json!([]),
        json!(["NVDA", "AAPL"]),
        json!(["NVDA", "AAPL", "AAPL"]),
        json!(["NVDA", "AAPL", "GOOG"]),
        json!(["NVDA", "AAPL", "MSFT", "MSFT"]),
    ] {
        let body = json!({ "symbols": wrong });
        account.client.put(&order, &body, Some(&tag)).await.refused(422, "order_mismatch");
    }
    assert_eq!(account.symbols(&list).await, ["AAPL", "MSFT", "NVDA"]);
    let changed = account.client.put(&order, &wanted, Some(&tag)).await;
    changed.expect(200);
    assert_eq!(account.symbols(&list).await, ["NVDA", "AAPL", "MSFT"]);
    assert_eq!(account.client.get(&list).await.header("etag"), changed.header("etag"));
}

async fn a_version_guards_every_change(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let item = format!("{list}/items/AAPL");
    let old = Some("\"1\"");
    let late = account.client.patch(&list, &json!({ "name": "Other" }), old).await;
    late.refused(412, "version_mismatch");
    assert_eq!(late.header("etag"), "\"2\"", "what to go on with");
    account.client.patch(&item, &json!({ "note": "x" }), old).await.refused(412, "version_mismatch");
    account.client.delete(&item, old).await.refused(412, "version_mismatch");
    account.client.delete(&list, old).await.refused(412, "version_mismatch");
    // A proxy that compresses makes the tag weak.
    for (tag, status) in [("2", 400), ("W/\"2\"", 200), ("W/\"2\"", 412), ("\"9\", \"3\"", 200), ("*", 200)] {
        let name = json!({ "name": format!("After {tag} {status}") });
        let answer = account.client.patch(&list, &name, Some(tag)).await;
        assert_eq!(answer.status.as_u16(), status, "If-Match: {tag}");
    }
    let tag = account.client.get(&format!("{list}?include=quotes")).await.header("etag").to_owned();
    account.client.delete(&list, Some(&tag)).await.expect(204);
}

/// The position is a part of a list: who moves or deletes one makes new versions of those that move with it.
async fn a_list_that_moves_with_another_is_a_new_version(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    account.client.delete(&account.first_list().await, None).await.expect(204);
    let mut lists = Vec::new();
    for name in ["A", "B", "C", "D"] {
        let made = account.client.post("/api/v1/watchlists", &json!({ "name": name })).await;
        made.expect(201);
        lists.push(made.header("location").to_owned());
    }
    let read = async || {
        let mut seen = Vec::new();
        for list in &lists {
            let answer = account.client.get(list).await;
            if answer.status.as_u16() == 200 {
                let list = answer.expect(200);
                let position = list["position"].as_u64().expect("a position");
                seen.push((
                    list["name"].as_str().expect("a name").to_owned(),
                    position,
                    answer.header("etag").to_owned(),
                ));
            }
        }
        seen
    };
    let entry = |name: &str, position, etag: &str| (name.to_owned(), position, etag.to_owned());
    account.client.patch(&lists[2], &json!({ "position": 0 }), Some("\"1\"")).await.expect(200);
    assert_eq!(
        read().await,
        [entry("A", 1, "\"2\""), entry("B", 2, "\"2\""), entry("C", 0, "\"2\""), entry("D", 3, "\"1\"")]
    );
    let known = account.client.request(Method::GET, &lists[1]).header("If-None-Match", "\"1\"");
    account.client.send(known).await.expect(200);
    account.client.delete(&lists[0], None).await.expect(204);
    assert_eq!(read().await, [entry("B", 1, "\"3\""), entry("C", 0, "\"2\""), entry("D", 2, "\"2\"")]);
}

/// Null would take away what cannot be absent, and an empty patch asks for nothing.
async fn a_patch_that_can_do_nothing_is_refused_and_counts_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let item = format!("{list}/items/AAPL");
    for (path, body, pointer) in [
        (list.as_str(), json!({ "name": null }), "/name"),
        (&list, json!({ "position": null }), "/position"),
        (&list, json!({}), ""),
        (&item, json!({ "position": null }), "/position"),
        (&item, json!({}), ""),
        ("/api/v1/me", json!({ "display_name": null }), "/display_name"),
        ("/api/v1/me", json!({ "email": null }), "/email"),
        ("/api/v1/me", json!({ "current_password": null }), "/current_password"),
        ("/api/v1/me", json!({ "current_password": account.password }), ""),
        ("/api/v1/me", json!({}), ""),
    ] {
        let refused = account.client.patch(path, &body, None).await.refused(422, "invalid");
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{path} {body}");
    }
    let wrong = json!({ "display_name": "B", "current_password": "wrong wrong wrong" });
    account.client.patch("/api/v1/me", &wrong, None).await.refused(403, "wrong_password");
    assert_eq!(account.client.get(&list).await.header("etag"), "\"2\"");
    assert_ne!(account.client.get("/api/v1/me").await.expect(200)["display_name"], "B");
}

/// What is asked for and is so already: answered as ever, and no new version.
async fn a_change_that_changes_nothing_counts_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL", "MSFT", "NVDA"]).await;
    let noted = json!({ "note": "a note", "flag": "red", "section": "Chips" });
    account.client.patch(&format!("{list}/items/NVDA"), &noted, None).await.expect(200);
    let before = account.client.get(&list).await;
    let (tag, name) = (before.header("etag").to_owned(), before.expect(200)["name"].clone());
    let item = |symbol: &str| format!("{list}/items/{symbol}");
    for (path, body) in [
        (list.clone(), json!({ "name": name })),
        (list.clone(), json!({ "position": 0 })),
        (item("NVDA"), noted),
        (item("NVDA"), json!({ "position": 2 })),
        (item("NVDA"), json!({ "position": 99 })),
        (item("NVDA"), json!({ "after": "MSFT" })),
        (item("AAPL"), json!({ "after": null })),
        (item("AAPL"), json!({ "note": null, "flag": null, "section": null })),
    ] {
        let answer = account.client.patch(&path, &body, Some(&tag)).await;
        answer.expect(200);
        assert_eq!(answer.header("etag"), tag, "{path} {body}");
    }
    let order = json!({ "symbols": ["AAPL", "MSFT", "NVDA"] });
    assert_eq!(account.client.put(&format!("{list}/order"), &order, Some(&tag)).await.header("etag"), tag);
    let together = json!({ "symbols": ["MSFT", "NVDA"], "after": "AAPL" });
    assert_eq!(account.client.post(&format!("{list}/items/move"), &together).await.header("etag"), tag);
    // And what changes something does.
    let moved = account.client.patch(&item("NVDA"), &json!({ "after": null }), Some(&tag)).await;
    assert_ne!(moved.header("etag"), tag);
}

async fn the_etag_names_the_version(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let read = |tag: &'static str| account.client.request(Method::GET, &list).header("If-None-Match", tag);
    assert_eq!(account.client.send(read("\"1\"")).await.status.as_u16(), 304);
    assert_eq!(account.client.send(read("W/\"1\"")).await.status.as_u16(), 304);
    account.add(&list, &["AAPL"]).await;
    let answer = account.client.send(read("\"1\"")).await;
    let body = answer.expect(200);
    assert_eq!((body["version"].as_u64(), answer.header("etag")), (Some(2), "\"2\""));
    assert_eq!((body["item_count"].as_u64(), body["items"].as_array().map(Vec::len)), (Some(1), Some(1)));
}
