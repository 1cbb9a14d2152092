//! Calls: what each vendor's answers become, and what becomes of everything else.

use super::{PATIENT, albert, all, alpaca, finnhub, pairs, price, prices, symbol, tickers, without_key};
use crate::support::vendor::{FakeRest, Reply};
use crate::support::within;
use chrono::{DateTime, Utc};
use std::time::Duration;
use watchtape::feed::vendors::error::VendorError;
use watchtape::feed::vendors::http::Deadlines;
use watchtape::feed::vendors::vendor::Vendor;
use watchtape_shared::quote::Reason;

const LAST_CLOSE_TOO: &str = r#"{"AAPL":{"price":122.21,"last_close":124.12,"more":[1]},
    "BRK.B":{"price":310.0,"last_close":null},"MSFT":{"price":null,"last_close":1.5},"GOOG":null,"ZZZZ":{"price":1}}"#;
const SNAPSHOTS: &str = r#"{"AAPL":{"latestTrade":{"p":189.2301,"t":"2024-05-01T14:30:00.123456789Z","x":"V"},
    "dailyBar":{"o":188,"h":190.5,"l":187.25,"c":189.2,"v":1.2e3,"t":"2024-05-01T04:00:00Z"},
    "prevDailyBar":{"c":185.5}},"BRK.B":{"latestTrade":{"p":400}},"MSFT":null,"GOOG":{"latestTrade":null,"dailyBar":{"c":7}},
    "ZZZZ":{"latestTrade":{"p":1}}}"#;

fn at(text: &str) -> Option<DateTime<Utc>> {
    Some(text.parse().expect("a time"))
}

fn absent(names: &[&str]) -> Vec<(watchtape_shared::Symbol, Reason)> {
    names.iter().map(|name| (symbol(name), Reason::NoData)).collect()
}

#[actix_web::test]
async fn albert_answers_for_everything_in_one_call() {
    let fake = FakeRest::start([Reply::json(LAST_CLOSE_TOO)]).await;
    let asked = tickers(&["AAPL", "BRK.B", "MSFT", "GOOG", "NONE"]);
    let answer = albert(&fake, PATIENT).fetch(&asked).await.expect("an answer");
    assert_eq!(prices(&answer.quotes), pairs(&[("AAPL", "122.21"), ("BRK.B", "310.00")]));
    assert_eq!(answer.quotes[0].previous_close, Some(price("124.12")));
    assert_eq!((answer.quotes[0].as_of, answer.quotes[1].previous_close), (None, None));
    assert_eq!(answer.unpriced, absent(&["MSFT", "GOOG", "NONE"]));
    let [call] = &fake.asked()[..] else { panic!("one call") };
    assert_eq!(call.target, "/v2/prices/?tickers=AAPL,BRK.B,MSFT,GOOG,NONE");
    assert_eq!(call.header("albert-case-study-api-key"), "hunter2-albert");
    assert_eq!(call.header("user-agent"), concat!("watchtape/", env!("CARGO_PKG_VERSION")));
}

#[actix_web::test]
async fn albert_without_the_second_version_is_asked_at_the_first_one_for_good() {
    let v1 = r#"{"AAPL":122.21,"MSFT":null}"#;
    let fake = FakeRest::start([Reply::with(404, &[], ""), Reply::json(v1), Reply::json(v1)]).await;
    let (albert, asked) = (albert(&fake, PATIENT), tickers(&["AAPL", "MSFT"]));
    let error = albert.fetch(&asked).await.expect_err("an ask is one call");
    assert!(matches!(error, VendorError::Unavailable(_)), "{error}");
    for _ in 0..2 {
        let answer = albert.fetch(&asked).await.expect("an answer");
        assert_eq!(prices(&answer.quotes), pairs(&[("AAPL", "122.21")]));
        assert_eq!(answer.unpriced, absent(&["MSFT"]));
    }
    let targets: Vec<_> = fake.asked().into_iter().map(|call| call.target).collect();
    let [v2, v1] = ["/v2/prices/?tickers=AAPL,MSFT", "/prices/?tickers=AAPL,MSFT"];
    assert_eq!(targets, [v2, v1, v1]);
}

#[actix_web::test]
async fn albert_stays_at_the_second_version_once_it_has_answered() {
    let good = || Reply::json(r#"{"AAPL":{"price":1,"last_close":2}}"#);
    let fake = FakeRest::start([good(), Reply::with(404, &[], ""), good()]).await;
    let (albert, asked) = (albert(&fake, PATIENT), tickers(&["AAPL"]));
    albert.fetch(&asked).await.expect("an answer");
    albert.fetch(&asked).await.expect_err("404");
    albert.fetch(&asked).await.expect("an answer");
    assert!(fake.asked().iter().all(|call| call.target.starts_with("/v2/")));
}

#[actix_web::test]
async fn finnhub_answers_for_one_symbol() {
    let body = r#"{"c":261.74,"d":null,"h":263.31,"l":260.68,"o":261.07,"pc":259.45,"t":1582641000,"new":{}}"#;
    let fake = FakeRest::start([Reply::json(body)]).await;
    let answer = finnhub(&fake, PATIENT).fetch(&tickers(&["BRK.B"])).await.expect("an answer");
    let quote = answer.quotes[0];
    assert_eq!(prices(&answer.quotes), pairs(&[("BRK.B", "261.74")]));
    assert_eq!(quote.as_of, at("2020-02-25T14:30:00Z"));
    assert_eq!([quote.open, quote.high], [Some(price("261.07")), Some(price("263.31"))]);
    assert_eq!([quote.low, quote.previous_close], [Some(price("260.68")), Some(price("259.45"))]);
    assert_eq!(quote.volume, None);
    let [call] = &fake.asked()[..] else { panic!("one call") };
    assert_eq!(call.target, "/quote?symbol=BRK.B");
    assert_eq!(call.header("x-finnhub-token"), "hunter2-finnhub");
}

#[actix_web::test]
async fn finnhub_has_no_price_of_zero() {
    for body in [r#"{"c":0,"d":null,"dp":null,"h":0,"l":0,"o":0,"pc":0,"t":0}"#, r#"{"c":null,"pc":5}"#, "{}"] {
        let fake = FakeRest::start([Reply::json(body)]).await;
        let answer = finnhub(&fake, PATIENT).fetch(&tickers(&["NONE"])).await.expect("an answer");
        assert_eq!((answer.quotes, answer.unpriced), (vec![], absent(&["NONE"])), "{body}");
    }
}

#[actix_web::test]
async fn finnhub_may_say_with_a_good_status_that_its_limit_is_exhausted() {
    let limit = r#"{"error":"API limit reached. Please try again later. Remaining Limit: 0"}"#;
    let headers = [("Content-Type", "application/json"), ("Retry-After", "9")];
    for (reply, expected) in [
        (Reply::json(limit), VendorError::Limited(None)),
        (Reply::with(200, &headers, limit), VendorError::Limited(Some(Duration::from_secs(9)))),
        (
            Reply::json(r#"{"error":"Invalid API key hunter2-finnhub"}"#),
            VendorError::Refused("no access with this key".into()),
        ),
        (Reply::json(r#"{"error":7}"#), VendorError::Refused("an error in place of an answer".into())),
    ] {
        let fake = FakeRest::start([reply]).await;
        let error = finnhub(&fake, PATIENT).fetch(&tickers(&["AAPL"])).await.expect_err("an error");
        assert_eq!(without_key(&error), &expected);
    }
}

#[actix_web::test]
async fn alpaca_answers_with_snapshots() {
    let fake = FakeRest::start([Reply::json(SNAPSHOTS)]).await;
    let asked = tickers(&["AAPL", "BRK.B", "MSFT", "GOOG", "NONE"]);
    let answer = alpaca(&fake, PATIENT).fetch(&asked).await.expect("an answer");
    assert_eq!(prices(&answer.quotes), pairs(&[("AAPL", "189.2301"), ("BRK.B", "400.00")]));
    let [apple, berkshire] = answer.quotes[..] else { panic!("two") };
    assert_eq!(apple.as_of, at("2024-05-01T14:30:00.123456789Z"));
    assert_eq!([apple.open, apple.high], [Some(price("188")), Some(price("190.5"))]);
    assert_eq!([apple.low, apple.previous_close], [Some(price("187.25")), Some(price("185.5"))]);
    assert_eq!(apple.volume, Some(1200));
    assert_eq!((berkshire.as_of, berkshire.previous_close, berkshire.open), (None, None, None));
    assert_eq!(answer.unpriced, absent(&["MSFT", "GOOG", "NONE"]));
    let [call] = &fake.asked()[..] else { panic!("one call") };
    assert_eq!(call.target, "/stocks/snapshots?symbols=AAPL,BRK.B,MSFT,GOOG,NONE&feed=iex");
    assert_eq!(call.header("apca-api-key-id"), "hunter2-id");
    assert_eq!(call.header("apca-api-secret-key"), "hunter2-secret");
}

#[actix_web::test]
async fn before_the_opening_the_last_bar_of_alpaca_is_the_previous_close() {
    // Eight in the morning in New York, and the bar of the day before.
    let body = r#"{"AAPL":{"latestTrade":{"p":190,"t":"2024-05-02T12:00:00Z"},
        "dailyBar":{"o":1,"h":3,"l":1,"c":189.2,"v":5,"t":"2024-05-01T04:00:00Z"},"prevDailyBar":{"c":185.5}}}"#;
    let fake = FakeRest::start([Reply::json(body)]).await;
    let answer = alpaca(&fake, PATIENT).fetch(&tickers(&["AAPL"])).await.expect("an answer");
    let quote = answer.quotes[0];
    assert_eq!((quote.previous_close, quote.open, quote.volume), (Some(price("189.2")), None, None));
}

#[actix_web::test]
async fn what_is_odd_but_well_formed_is_for_others_to_judge() {
    // A time far ahead, a price a hundred times the last one, and then one from long ago.
    let bodies = [(r#"{"c":26174,"pc":259.45,"t":4102444800}"#, "26174.00"), (r#"{"c":261.5,"t":100}"#, "261.50")];
    let fake = FakeRest::start(bodies.map(|(body, _)| Reply::json(body))).await;
    let (finnhub, asked) = (finnhub(&fake, PATIENT), tickers(&["AAPL"]));
    for ((_, expected), as_of) in bodies.into_iter().zip(["2100-01-01T00:00:00Z", "1970-01-01T00:01:40Z"]) {
        let answer = finnhub.fetch(&asked).await.expect("an answer");
        assert_eq!(prices(&answer.quotes), pairs(&[("AAPL", expected)]));
        assert_eq!(answer.quotes[0].as_of, at(as_of));
    }
}

#[actix_web::test]
async fn one_odd_price_is_a_gap_and_nothing_but_odd_ones_is_another_shape() {
    let fake = FakeRest::start([]).await;
    let (albert, asked) = (albert(&fake, PATIENT), tickers(&["AAPL", "MSFT"]));
    for odd in ["\"122.21\"", "-1", "1e300", "{\"price\":\"1\"}", "[]", "true"] {
        fake.answer(Reply::json(&format!("{{\"AAPL\":{odd},\"MSFT\":2}}")));
        let answer = albert.fetch(&asked).await.expect("an answer");
        assert_eq!((prices(&answer.quotes), answer.unpriced), (pairs(&[("MSFT", "2.00")]), absent(&["AAPL"])), "{odd}");
        fake.answer(Reply::json(&format!("{{\"AAPL\":{odd}}}")));
        let error = albert.fetch(&asked).await.expect_err("another shape");
        assert!(matches!(error, VendorError::Malformed(_)), "{odd}: {error}");
    }
}

#[actix_web::test]
async fn an_answer_that_is_not_the_documented_json_is_malformed() {
    let json = [("Content-Type", "application/json")];
    let huge = format!("{{\"AAPL\":\"{}\"}}", "x".repeat(1 << 20));
    let chunked =
        format!("HTTP/1.1 200 OK\r\n{}\r\n", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n");
    let endless = format!("{chunked}{}", format!("10000\r\n{}\r\n", "x".repeat(0x10000)).repeat(20));
    let whats: [(&str, &dyn Fn() -> Reply); 8] = [
        ("HTML", &|| Reply::with(200, &[("Content-Type", "text/html")], "<html>hunter2</html>")),
        ("HTML that says JSON", &|| Reply::with(200, &json, "<html>hunter2</html>")),
        ("no content type", &|| Reply::with(200, &[], "{}")),
        ("truncated", &|| Reply::json(r#"{"AAPL":{"price":12"#)),
        ("an array", &|| Reply::json("[\"hunter2\"]")),
        ("nothing", &|| Reply::json("")),
        ("huge", &|| Reply::json(&huge)),
        ("huge without a length", &|| Reply::Bytes(endless.clone().into_bytes())),
    ];
    for (what, reply) in whats {
        let fake = FakeRest::start([reply(), reply(), reply()]).await;
        for vendor in all(&fake, PATIENT) {
            let error = within(vendor.fetch(&tickers(&["AAPL"]))).await.expect_err(what);
            assert!(matches!(without_key(&error), VendorError::Malformed(_)), "{what}: {error:?}");
        }
    }
}

#[actix_web::test]
async fn a_bad_status_counts_before_what_comes_with_it() {
    let json = [("Content-Type", "application/json")];
    let soon = (Utc::now() + chrono::TimeDelta::seconds(600)).timestamp().to_string();
    let date = (Utc::now() + chrono::TimeDelta::seconds(600)).format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let limited = |headers: &[(&str, &str)]| Reply::with(429, headers, "{\"c\":1}");
    let about = |error: &VendorError| match error {
        VendorError::Limited(Some(wait)) => (1..=600).contains(&wait.as_secs()),
        _ => false,
    };
    let unavailable = |error: &VendorError| matches!(error, VendorError::Unavailable(_));
    let refused = |error: &VendorError| matches!(error, VendorError::Refused(_));
    type Case<'a> = (&'a str, &'a dyn Fn() -> Reply, &'a dyn Fn(&VendorError) -> bool);
    let cases: [Case<'_>; 11] = [
        ("403", &|| Reply::with(403, &json, "{\"key\":\"hunter2\"}"), &refused),
        ("401", &|| Reply::with(401, &[], "hunter2"), &refused),
        ("400", &|| Reply::with(400, &json, "{}"), &refused),
        ("408", &|| Reply::with(408, &json, "{}"), &unavailable),
        ("500", &|| Reply::with(500, &json, "{\"AAPL\":1,\"c\":1}"), &unavailable),
        ("a redirect", &|| Reply::with(302, &[("Location", "http://127.0.0.1:1/hunter2")], ""), &unavailable),
        ("429", &|| limited(&[]), &|error| *error == VendorError::Limited(None)),
        (
            "429 with seconds before a reset",
            &|| limited(&[("Retry-After", "7"), ("X-Ratelimit-Reset", &soon)]),
            &|error| *error == VendorError::Limited(Some(Duration::from_secs(7))),
        ),
        ("429 with a date", &|| limited(&[("Retry-After", &date)]), &about),
        ("429 with a reset", &|| limited(&[("X-Ratelimit-Reset", &soon)]), &about),
        (
            "cut off",
            &|| {
                Reply::Bytes(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{".into())
            },
            &unavailable,
        ),
    ];
    for (what, reply, is_right) in cases {
        let fake = FakeRest::start([reply(), reply(), reply()]).await;
        for vendor in all(&fake, PATIENT) {
            let error = within(vendor.fetch(&tickers(&["AAPL"]))).await.expect_err(what);
            assert!(is_right(without_key(&error)), "{what}: {error:?}");
        }
        assert_eq!(fake.asked().len(), 3, "{what}: one call an ask");
    }
}

#[actix_web::test]
async fn a_vendor_that_hangs_or_is_not_there_is_unavailable() {
    let hasty = Deadlines { total: Duration::from_millis(50), ..PATIENT };
    let half = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{";
    for sent in [&b""[..], half] {
        let fake = FakeRest::start((0..3).map(|_| Reply::Stall(sent.to_vec()))).await;
        for vendor in all(&fake, hasty) {
            let error = within(vendor.fetch(&tickers(&["AAPL"]))).await.expect_err("no answer");
            assert_eq!(without_key(&error), &VendorError::Unavailable("no answer within 50 ms".to_owned()));
        }
    }
    let nowhere = super::settings(&["--albert-url", "http://127.0.0.1:1/hunter2"]);
    let albert = watchtape::feed::vendors::albert::Albert::open(&nowhere, PATIENT).expect("a vendor");
    let error = within(albert.fetch(&tickers(&["AAPL"]))).await.expect_err("nobody there");
    assert!(matches!(without_key(&error), VendorError::Unavailable(_)), "{error:?}");
}
