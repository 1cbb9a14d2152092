//! Lists as files, and many symbols at once: what goes out comes in again, and what does not come in is named.

mod corpus;
mod products;

use crate::support::client::Answer;
use crate::support::{Account, Backend, TestServer, on_both_databases};
use reqwest::Method;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

on_both_databases!(
    a_list_comes_back_from_each_form_of_file,
    each_line_that_is_not_taken_is_named,
    a_dry_run_answers_the_same_and_changes_nothing,
    a_thousand_items_come_in_one_step,
    many_symbols_are_added_each_with_its_result,
    many_symbols_stand_where_they_were_asked_to,
);

const FORMS: [(&str, &str); 3] = [("csv", "text/csv"), ("txt", "text/plain"), ("json", "application/json")];

impl Account {
    async fn import(&self, list: &str, media_type: &str, file: impl Into<reqwest::Body>) -> Answer {
        self.import_with(list, "", media_type, file).await
    }

    async fn import_with(&self, list: &str, query: &str, media_type: &str, file: impl Into<reqwest::Body>) -> Answer {
        let request = self.client.request(Method::POST, &format!("{list}/import{query}"));
        self.client.send(request.header(CONTENT_TYPE, media_type).body(file)).await
    }

    async fn new_list(&self, name: &str) -> String {
        let answer = self.client.post("/api/v1/watchlists", &json!({ "name": name })).await;
        answer.expect(201);
        answer.header("location").to_owned()
    }
}

/// What a file is to keep of a list.
async fn kept(account: &Account, list: &str) -> Value {
    let list = account.client.get(list).await.expect(200);
    let items = list["items"].as_array().expect("items");
    let kept = |item: &Value| json!([item["position"], item["symbol"], item["section"], item["flag"], item["note"]]);
    items.iter().map(kept).collect()
}

async fn a_list_comes_back_from_each_form_of_file(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.new_list("Täglich: \"a/b\".exe").await;
    for item in [
        json!({ "symbol": "AAPL", "note": "=HYPERLINK(\"http://x\")\n\t'quoted', and more", "flag": "red" }),
        json!({ "symbol": "BRK.B", "section": "Value, 50% off" }),
        json!({ "symbol": "VOLV-B.ST", "section": "Value, 50% off", "note": "'+1" }),
        json!({ "symbol": "UU.L", "note": "# flag: blue" }),
    ] {
        account.client.post(&format!("{list}/items"), &item).await.expect(201);
    }
    let before = kept(&account, &list).await;
    for (form, media_type) in FORMS {
        let file = account.client.get(&format!("{list}/export?format={form}")).await;
        assert_eq!(file.status.as_u16(), 200, "{file:?}");
        assert!(file.header("content-type").starts_with(media_type), "{file:?}");
        assert_eq!(file.header("etag"), "\"5\"");
        let names =
            format!("filename=\"T_glich_ _a_b__exe.{form}\"; filename*=UTF-8''T%C3%A4glich_%20_a_b__exe.{form}");
        assert_eq!(file.header("content-disposition"), format!("attachment; {names}"));
        let again = account.client.request(Method::GET, &format!("{list}/export?format={form}"));
        let again = account.client.send(again.header("If-None-Match", "\"5\"")).await;
        assert_eq!(again.status.as_u16(), 304);

        let copy = account.new_list(form).await;
        let answer = account.import(&copy, media_type, file.text.clone()).await;
        let symbols = ["AAPL", "BRK.B", "VOLV-B.ST", "UU.L"];
        let imported = json!({ "added": 4, "symbols": symbols, "rejected": [], "version": 2 });
        assert_eq!(answer.expect(200), imported, "{}", file.text);
        assert_eq!(answer.header("etag"), "\"2\"");
        assert_eq!(kept(&account, &copy).await, before, "{form}: {}", file.text);
    }
    let text = account.client.get(&format!("{list}/export?format=txt")).await.text;
    for line in ["NASDAQ:AAPL", "###Value%2C 50%25 off", "NYSE:BRK.B", "OMXSTO:VOLV_B", "LSE:UU"] {
        assert!(text.lines().any(|written| written == line), "{line}: {text}");
    }
    for query in ["", "?format=xlsx", "?format=csv&x=1"] {
        account.client.get(&format!("{list}/export{query}")).await.refused(400, "invalid_query");
    }
}

async fn each_line_that_is_not_taken_is_named(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["AAPL"]).await;
    let long = "x".repeat(2001);
    let file = format!(
        "symbol,flag,section,note\nMSFT,,,\n!,,,\nNOPENOPE,,,\nNYSE:NVDA,,,\nAAPL,,,\nmsft,,,\n\
         JPM,pink,,\nJPM,,{long},\nJPM,,,{long}\nJPM,,,,x\nJPM,,Banks,\n"
    );
    let answer = account.import(&list, "text/csv", file).await.expect(200);
    assert_eq!((answer["added"].as_u64(), answer["version"].as_u64()), (Some(2), Some(3)));
    let rejected = answer["rejected"].as_array().expect("lines");
    let named: Vec<_> = rejected.iter().map(|line| (line["line"].as_u64(), line["code"].as_str())).collect();
    let codes = [
        "invalid_symbol",
        "unknown_symbol",
        "wrong_exchange",
        "already_on_list",
        "already_on_list",
        "invalid_flag",
        "invalid_section",
        "invalid_note",
        "malformed",
    ];
    assert_eq!(named, (3..).zip(codes).map(|(line, code)| (Some(line), Some(code))).collect::<Vec<_>>());
    assert!(rejected.iter().all(|line| !line["detail"].as_str().expect("a text").is_empty()));
    assert!(rejected.iter().all(|line| line["text"].as_str().expect("a text").chars().count() <= 100));
    assert_eq!(account.symbols(&list).await, ["AAPL", "MSFT", "JPM"]);

    let at_two = account.client.request(Method::POST, &format!("{list}/import")).header("If-Match", "\"2\"");
    let at_two = at_two.header(CONTENT_TYPE, "text/plain").body("NVDA");
    account.client.send(at_two).await.refused(412, "version_mismatch");
    // What changes nothing is no new version.
    assert_eq!(account.import(&list, "text/plain", "AAPL").await.expect(200)["version"], 3);
    account.import(&list, "text/csv", "name\nx\n").await.refused(422, "invalid");
    account.import(&list, "text/csv", b"symbol\n\xff\n".to_vec()).await.refused(400, "bad_request");
    account.import(&list, "application/json", "{").await.refused(400, "malformed_json");
    account.import(&list, "application/pdf", "x").await.refused(415, "unsupported_media_type");
    account.import(&list, "text/plain", vec![b'x'; 17 << 20]).await.refused(413, "too_large");
    assert_eq!(account.symbols(&list).await, ["AAPL", "MSFT", "JPM"]);
}

async fn a_dry_run_answers_the_same_and_changes_nothing(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let before = account.client.get(&list).await.text;
    let file = "NASDAQ:AAPL\nNOPENOPE\n";
    let dry = account.import_with(&list, "?dry_run=true", "text/plain", file).await.expect(200);
    assert_eq!((dry["added"].as_u64(), dry["version"].as_u64()), (Some(1), Some(1)));
    assert_eq!(account.client.get(&list).await.text, before);
    let real = account.import(&list, "text/plain", file).await.expect(200);
    assert_eq!((&real["added"], &real["rejected"]), (&dry["added"], &dry["rejected"]));
    assert_eq!(account.symbols(&list).await, ["AAPL"]);
}

async fn a_thousand_items_come_in_one_step(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    let mut symbols = Vec::new();
    let mut path = "/api/v1/tickers?limit=50".to_owned();
    while symbols.len() <= 1000 {
        let page = account.client.get(&path).await.expect(200);
        let items = page["items"].as_array().expect("items").iter();
        symbols.extend(items.map(|item| item["symbol"].as_str().expect("a symbol").to_owned()));
        path = format!("/api/v1/tickers?limit=50&cursor={}", page["next_cursor"].as_str().expect("more"));
    }
    symbols.truncate(1001);
    let file = symbols.join("\n");
    let began = std::time::Instant::now();
    let answer = account.import(&list, "text/plain", file).await.expect(200);
    eprintln!("{backend:?}: a thousand items in {:?}", began.elapsed());
    assert_eq!((answer["added"].as_u64(), answer["version"].as_u64()), (Some(1000), Some(2)));
    assert_eq!(answer["rejected"][0]["line"], 1001);
    assert_eq!(answer["rejected"][0]["code"], "too_many_items");
    assert_eq!(account.symbols(&list).await, symbols[..1000]);
}

async fn many_symbols_are_added_each_with_its_result(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let list = account.first_list().await;
    account.add(&list, &["MSFT"]).await;
    let bulk = format!("{list}/items/bulk");
    let items = json!([{ "symbol": "brk-b", "note": "n" }, { "symbol": "no symbol" }, { "symbol": "MSFT" }, { "symbol": "NOPENOPE" }]);
    let answer = account.client.post(&bulk, &json!({ "items": items })).await;
    let body = answer.expect(200);
    let results = body["results"].as_array().expect("results").iter();
    let told: Vec<_> = results.map(|result| json!([result["symbol"], result["status"], result["code"]])).collect();
    let expected = json!([
        ["BRK.B", "added", null],
        ["no symbol", "rejected", "invalid_symbol"],
        ["MSFT", "rejected", "already_on_list"],
        ["NOPENOPE", "rejected", "unknown_symbol"]
    ]);
    assert_eq!(json!(told), expected);
    assert_eq!((body["version"].as_u64(), answer.header("etag")), (Some(3), "\"3\""));
    assert_eq!(account.symbols(&list).await, ["MSFT", "BRK.B"]);
    let too_many: Vec<_> = (0..1001).map(|_| json!({ "symbol": "A" })).collect();
    for items in [json!([]), json!(too_many)] {
        let problem = account.client.post(&bulk, &json!({ "items": items })).await.refused(422, "invalid");
        assert_eq!(problem["errors"][0]["pointer"], "/items");
    }
}

async fn many_symbols_stand_where_they_were_asked_to(backend: Backend) {
    let server = TestServer::start(backend).await;
    let account = server.client().register().await;
    let (at_once, one_by_one) = (account.first_list().await, account.new_list("One by one").await);
    for list in [&at_once, &one_by_one] {
        account.add(list, &["A", "AA", "AAPL", "ABBV"]).await;
    }
    let item = |(symbol, position): (&str, Option<u32>)| json!({ "symbol": symbol, "position": position });
    let wishes =
        [("MSFT", Some(1)), ("NVDA", Some(3)), ("JPM", Some(0)), ("BRK.B", None), ("T", Some(99)), ("KO", Some(3))];
    let items: Vec<_> = wishes.into_iter().map(item).collect();
    for item in &items {
        account.client.post(&format!("{one_by_one}/items"), item).await.expect(201);
    }
    account.client.post(&format!("{at_once}/items/bulk"), &json!({ "items": items })).await.expect(200);
    assert_eq!(account.symbols(&at_once).await, account.symbols(&one_by_one).await);
}
