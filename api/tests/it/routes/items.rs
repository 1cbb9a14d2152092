//! The items of a list: added, marked, moved and removed.

use crate::support::{Backend, TestServer, on_both_databases};
use reqwest::Method;
use serde_json::{Value, json};

on_both_databases!(
    an_item_is_added_with_all_that_belongs_to_it,
    a_patch_changes_what_it_names_and_null_takes_away,
    items_are_moved_and_removed_without_a_gap,
    a_place_is_named_by_the_symbol_before_it,
    items_are_moved_together,
    what_cannot_be_added_is_named,
    a_symbol_is_taken_in_every_spelling_by_every_way_in,
    a_list_has_at_most_a_thousand_items,
    concurrent_changes_follow_each_other,
);

async fn an_item_is_added_with_all_that_belongs_to_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["MSFT"]).await;
    let body =
        json!({ "symbol": "brk.b", "note": " Annual\nmeeting ", "flag": "blue", "section": "Value", "position": 0 });
    let answer = account.client.post(&format!("{list}/items"), &body).await;
    let item = answer.expect(201);
    let expected = json!({ "symbol": "BRK.B", "name": "Berkshire Hathaway", "mic": "XNYS", "currency": "USD", "position": 0,
        "note": "Annual\nmeeting", "flag": "blue", "section": "Value", "added_at": item["added_at"] });
    assert_eq!(item, expected);
    assert_eq!(answer.header("location"), format!("{list}/items/BRK.B"));
    let read = account.client.get(answer.header("location")).await;
    assert_eq!((read.expect(200), read.header("etag")), (item.clone(), "\"3\""));
    account.client.get(&format!("{list}/items/IBM")).await.refused(404, "not_found");
    assert_eq!(answer.header("etag"), "\"3\"");
    assert_eq!(account.symbols(&list).await, ["BRK.B", "MSFT"]);
    let with_quotes = account.client.get(&format!("{list}?include=quotes")).await.expect(200);
    assert_eq!(with_quotes["items"][0]["quote"]["symbol"], "BRK.B");
    assert!(account.client.get(&list).await.expect(200)["items"][0].get("quote").is_none());
}

async fn a_patch_changes_what_it_names_and_null_takes_away(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let item = format!("{list}/items/AAPL");
    let read = |answer: Value| (answer["note"].clone(), answer["flag"].clone(), answer["section"].clone());
    let patch = |body: Value| {
        let (client, item) = (account.client.clone(), item.clone());
        async move { client.patch(&item, &body, None).await }
    };
    let set = patch(json!({ "note": "n", "flag": "red", "section": "s" })).await.expect(200);
    assert_eq!(read(set), (json!("n"), json!("red"), json!("s")));
    assert_eq!(read(patch(json!({ "flag": null })).await.expect(200)), (json!("n"), Value::Null, json!("s")));
    assert_eq!(
        read(patch(json!({ "note": null, "section": "t" })).await.expect(200)),
        (Value::Null, Value::Null, json!("t"))
    );
    let problem = patch(json!({ "flag": "pink" })).await.refused(422, "invalid");
    assert_eq!(problem["errors"][0]["pointer"], "/flag");
    patch(json!({ "symbol": "MSFT" })).await.refused(422, "invalid");
    account.client.patch(&format!("{list}/items/MSFT"), &json!({ "note": "n" }), None).await.refused(404, "not_found");
}

async fn items_are_moved_and_removed_without_a_gap(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["A", "AA", "AAPL", "ABBV"]).await;
    let place = |symbol: &str, position: u32| {
        let (client, path) = (account.client.clone(), format!("{list}/items/{symbol}"));
        async move { client.patch(&path, &json!({ "position": position }), None).await.expect(200) }
    };
    assert_eq!(place("ABBV", 1).await["position"], 1);
    assert_eq!(account.symbols(&list).await, ["A", "ABBV", "AA", "AAPL"]);
    place("A", 2).await;
    assert_eq!(account.symbols(&list).await, ["ABBV", "AA", "A", "AAPL"]);
    assert_eq!(place("ABBV", 4_000_000_000).await["position"], 3);
    assert_eq!(account.symbols(&list).await, ["AA", "A", "AAPL", "ABBV"]);
    account.client.delete(&format!("{list}/items/A"), None).await.expect(204);
    account.client.delete(&format!("{list}/items/A"), None).await.refused(404, "not_found");
    assert_eq!(account.symbols(&list).await, ["AA", "AAPL", "ABBV"]);
}

async fn a_place_is_named_by_the_symbol_before_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["A", "AA", "AAPL"]).await;
    let items = format!("{list}/items");
    let add = |body: Value| {
        let (client, items) = (account.client.clone(), items.clone());
        async move { client.post(&items, &body).await }
    };
    let patch = |symbol: &str, body: Value| {
        let (client, path) = (account.client.clone(), format!("{items}/{symbol}"));
        async move { client.patch(&path, &body, None).await }
    };
    assert_eq!(add(json!({ "symbol": "MSFT", "after": "a" })).await.expect(201)["position"], 1);
    add(json!({ "symbol": "NVDA", "after": null })).await.expect(201);
    assert_eq!(account.symbols(&list).await, ["NVDA", "A", "MSFT", "AA", "AAPL"]);
    // Where the symbol before is gone, the position counts; without one, nothing is added.
    add(json!({ "symbol": "GOOG", "after": "META", "position": 1 })).await.expect(201);
    let gone = add(json!({ "symbol": "AMZN", "after": "META" })).await.refused(422, "not_on_list");
    assert_eq!(gone["errors"][0]["pointer"], "/after");
    assert_eq!(account.symbols(&list).await, ["NVDA", "GOOG", "A", "MSFT", "AA", "AAPL"]);
    // Forwards, backwards, to the top; together with what is noted.
    assert_eq!(patch("NVDA", json!({ "after": "MSFT" })).await.expect(200)["position"], 3);
    assert_eq!(patch("AAPL", json!({ "after": "GOOG", "flag": "red" })).await.expect(200)["flag"], "red");
    patch("AA", json!({ "after": null })).await.expect(200);
    let order = ["AA", "GOOG", "AAPL", "A", "MSFT", "NVDA"];
    assert_eq!(account.symbols(&list).await, order);
    for (after, code) in [("META", "not_on_list"), ("MSFT", "invalid")] {
        let problem = patch("MSFT", json!({ "after": after, "note": "n" })).await.refused(422, code);
        assert_eq!(problem["errors"][0]["pointer"], "/after");
    }
    let read = account.client.get(&list).await.expect(200);
    assert_eq!(
        (account.symbols(&list).await, &read["items"][4]["note"]),
        (order.map(String::from).to_vec(), &Value::Null)
    );
    // In bulk, what came before in the request is there to stand after.
    let bulk = json!({ "items": [{ "symbol": "TSLA", "after": "AA" }, { "symbol": "ORCL", "after": "TSLA" },
        { "symbol": "IBM", "after": "META" }, { "symbol": "INTC", "after": "META", "position": 0 }] });
    let answer = account.client.post(&format!("{items}/bulk"), &bulk).await.expect(200);
    assert_eq!(answer["results"][2]["code"], "not_on_list");
    assert_eq!(account.symbols(&list).await, ["INTC", "AA", "TSLA", "ORCL", "GOOG", "AAPL", "A", "MSFT", "NVDA"]);
}

async fn items_are_moved_together(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["A", "AA", "AAPL", "ABBV", "ABNB"]).await;
    let version = account.client.get(&list).await.header("etag").to_owned();
    let move_to = |body: Value| {
        let (client, path) = (account.client.clone(), format!("{list}/items/move"));
        async move { client.post(&path, &body).await }
    };
    let moved = move_to(json!({ "symbols": ["ABNB", "A"], "after": "AAPL" })).await;
    moved.expect(204);
    assert_eq!(account.symbols(&list).await, ["AA", "AAPL", "ABNB", "A", "ABBV"]);
    let changed = moved.header("etag").to_owned();
    assert_ne!(changed, version);
    move_to(json!({ "symbols": ["ABBV"], "after": null })).await.expect(204);
    let order = ["ABBV", "AA", "AAPL", "ABNB", "A"];
    for (body, code, pointer) in [
        (json!({ "symbols": ["A", "MSFT"], "after": "AA" }), "not_on_list", "/symbols"),
        (json!({ "symbols": ["A"], "after": "MSFT" }), "not_on_list", "/after"),
        (json!({ "symbols": ["A"], "after": "A" }), "invalid", "/after"),
        (json!({ "symbols": ["A", "AA", "A"], "after": null }), "invalid", "/symbols"),
        (json!({ "symbols": [], "after": null }), "invalid", "/symbols"),
        (json!({ "symbols": ["A"] }), "invalid", ""),
    ] {
        assert_eq!(move_to(body).await.refused(422, code)["errors"][0]["pointer"], pointer);
    }
    assert_eq!(account.symbols(&list).await, order);
}

async fn what_cannot_be_added_is_named(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let add = |body: Value| {
        let (client, path) = (account.client.clone(), format!("{list}/items"));
        async move { client.post(&path, &body).await }
    };
    let unknown = add(json!({ "symbol": "NOPE" })).await.refused(422, "unknown_symbol");
    assert_eq!(unknown["errors"][0]["pointer"], "/symbol");
    let twice = add(json!({ "symbol": "aapl" })).await.refused(409, "already_on_list");
    assert_eq!(twice["errors"][0]["pointer"], "/symbol");
    for (body, pointer) in [
        (json!({ "symbol": "A B" }), "/symbol"),
        (json!({ "symbol": "MSFT", "note": "x".repeat(2001) }), "/note"),
        (json!({ "symbol": "MSFT", "section": "" }), "/section"),
        (json!({ "symbol": "MSFT", "flag": 1 }), "/flag"),
        (json!({ "symbol": "MSFT", "position": -1 }), "/position"),
    ] {
        assert_eq!(add(body).await.refused(422, "invalid")["errors"][0]["pointer"], pointer);
    }
    assert_eq!(account.client.get(&list).await.header("etag"), "\"2\"", "a refused change changes nothing");
}

async fn a_symbol_is_taken_in_every_spelling_by_every_way_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    for (index, (text, outcome)) in [
        ("brk.b", Ok("BRK.B")),
        ("BRK-B", Ok("BRK.B")),
        ("BRK/B", Ok("BRK.B")),
        ("BRK B", Ok("BRK.B")),
        (" NYSE:BRK.B ", Ok("BRK.B")),
        ("LSE:UU", Ok("UU.L")),
        ("US0378331005", Ok("AAPL")),
        ("BINANCE:AAPL", Err(("wrong_exchange", "wrong_exchange"))),
        ("NOPE", Err(("unknown_symbol", "unknown_symbol"))),
        ("US02079K1079", Err(("unknown_symbol", "unknown_symbol"))),
        ("no symbol", Err(("invalid_symbol", "invalid"))),
        ("", Err(("invalid_symbol", "invalid"))),
    ]
    .into_iter()
    .enumerate()
    {
        let list = async |way: &str| {
            let made = account.client.post("/api/v1/watchlists", &json!({ "name": format!("{way} {index}") })).await;
            made.expect(201);
            made.header("location").to_owned()
        };
        let (one, bulk, file) = (list("one").await, list("bulk").await, list("file").await);
        let alone = account.client.post(&format!("{one}/items"), &json!({ "symbol": text })).await;
        let items = json!({ "items": [{ "symbol": text }] });
        let among = account.client.post(&format!("{bulk}/items/bulk"), &items).await.expect(200);
        let import = account.client.request(Method::POST, &format!("{file}/import")).json(&items);
        let imported = account.client.send(import).await.expect(200);
        match outcome {
            Ok(symbol) => {
                assert!(alone.header("location").ends_with(&format!("/items/{symbol}")), "{alone:?}");
                assert_eq!(alone.expect(201)["symbol"], symbol, "{text:?}");
                for list in [&one, &bulk, &file] {
                    assert_eq!(account.symbols(list).await, [symbol], "{text:?}");
                }
            }
            Err((code, alone_code)) => {
                assert_eq!(alone.refused(422, alone_code)["errors"][0]["pointer"], "/symbol", "{text:?}");
                assert_eq!(
                    (&among["results"][0]["code"], &imported["rejected"][0]["code"]),
                    (&json!(code), &json!(code)),
                    "{text:?}"
                );
            }
        }
        for list in [one, bulk, file] {
            account.client.delete(&list, None).await.expect(204);
        }
    }
}

async fn a_list_has_at_most_a_thousand_items(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let mut symbols = Vec::new();
    let mut path = "/api/v1/tickers?limit=50".to_owned();
    while symbols.len() < 1001 {
        let page = account.client.get(&path).await.expect(200);
        symbols.extend(page["items"].as_array().expect("items").iter().map(|item| item["symbol"].clone()));
        path = format!("/api/v1/tickers?limit=50&cursor={}", page["next_cursor"].as_str().expect("more"));
    }
    let most: Vec<Value> = symbols[..999].iter().map(|symbol| json!({ "symbol": symbol })).collect();
    account.client.post(&format!("{list}/items/bulk"), &json!({ "items": most })).await.expect(200);
    account.client.post(&format!("{list}/items"), &json!({ "symbol": symbols[999] })).await.expect(201);
    let one_more = json!({ "symbol": symbols[1000] });
    account.client.post(&format!("{list}/items"), &one_more).await.refused(409, "too_many_items");
    assert_eq!(account.symbols(&list).await.len(), 1000);
}

async fn concurrent_changes_follow_each_other(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let symbols = ["AAPL", "MSFT", "NVDA", "GOOG", "AMZN", "META", "TSLA", "JPM", "V", "XOM", "WMT", "KO"];
    let bodies: Vec<Value> = symbols.iter().map(|symbol| json!({ "symbol": symbol, "position": 0 })).collect();
    let path = format!("{list}/items");
    let answers = futures_util::future::join_all(bodies.iter().map(|body| account.client.post(&path, body))).await;
    let mut versions: Vec<&str> = answers.iter().map(|answer| answer.header("etag")).collect();
    versions.sort_by_key(|tag| (tag.len(), *tag));
    let expected: Vec<String> = (2..=13).map(|version| format!("\"{version}\"")).collect();
    assert_eq!(versions, expected, "each change has a version of its own");
    assert_eq!(account.symbols(&list).await.len(), 12);

    // Two at one version: one of them is told.
    let tag = Some("\"13\"");
    let (note, other) = (json!({ "note": "a" }), json!({ "note": "b" }));
    let item = format!("{list}/items/AAPL");
    let (one, two) =
        futures_util::future::join(account.client.patch(&item, &note, tag), account.client.patch(&item, &other, tag))
            .await;
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
}
