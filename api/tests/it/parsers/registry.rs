//! Every parser of strangers' bytes, with samples of what it takes.

use actix_web::dev::Payload;
use actix_web::http::Uri;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::test::TestRequest;
use actix_web::{FromRequest, HttpRequest};
use chrono::Utc;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt::{Debug, Display};
use std::sync::Arc;
use watchtape::auth::tokens::{TokenUse, Tokens};
use watchtape::auth::{Secret, api_keys};
use watchtape::http::client_address::client_of;
use watchtape::http::etag::{self, IfMatch};
use watchtape::http::extractors::Query;
use watchtape::http::extractors::body::parse_json;
use watchtape::http::extractors::caller::bearer_token;
use watchtape::http::handlers::alerts::AlertsQuery;
use watchtape::http::handlers::bars::{self, BarsQuery};
use watchtape::http::handlers::quotes::QuotesQuery;
use watchtape::http::handlers::tickers::TickerQuery;
use watchtape::http::idempotency_key::IdempotencyKey;
use watchtape::http::pagination::Cursors;
use watchtape::http::trusted_proxies::TrustedProxies;
use watchtape::search::TickerIndex;
use watchtape::{catalog, ids, json, transfer};
use watchtape_shared::account::{
    Deletion, Email, GuestSignIn, KeepAccount, Login, Password, PasswordChange, PasswordReset, RefreshToken, Register,
    ResetRequest, UserPatch,
};
use watchtape_shared::alert::{AlertPatch, BulkAlerts, NewAlert, PreviewRequest};
use watchtape_shared::api_key::NewApiKey;
use watchtape_shared::destination::{DestinationConfirmation, DestinationPatch, NewDestination};
use watchtape_shared::stream::ClientMessage;
use watchtape_shared::text::{DisplayName, KeyName, ListName, Note, Section};
use watchtape_shared::transfer::{BulkAdd, Format};
use watchtape_shared::watchlist::{ItemPatch, MoveItems, NewItem, NewWatchlist, Order, WatchlistPatch};
use watchtape_shared::{Currency, KeyId, Price, SessionId, Symbol, UserId, WatchlistId};

/// Enough securities for every tier of the search, and few enough for a million searches.
const SECURITIES: usize = 50;

/// Whether a parser takes these bytes.
type Takes = dyn Fn(&[u8]) -> bool;

/// A parser, and what it takes.
pub(super) struct Parser {
    pub(super) samples: Vec<Vec<u8>>,
    pub(super) takes: Box<Takes>,
}

fn bytes<S: AsRef<str>>(samples: impl IntoIterator<Item = S>, takes: impl Fn(&[u8]) -> bool + 'static) -> Parser {
    let samples = samples.into_iter().map(|sample| sample.as_ref().as_bytes().to_vec()).collect();
    Parser { samples, takes: Box::new(takes) }
}

/// Of what has been found to be text before.
fn text<S: AsRef<str>>(samples: impl IntoIterator<Item = S>, takes: impl Fn(&str) -> bool + 'static) -> Parser {
    bytes(samples, move |bytes| takes(&String::from_utf8_lossy(bytes)))
}

/// Of a header's value; what HTTP itself refuses is refused.
fn header(name: HeaderName, samples: &[&str], takes: impl Fn(&HttpRequest) -> bool + 'static) -> Parser {
    bytes(samples, move |bytes| {
        let Ok(value) = HeaderValue::from_bytes(bytes) else { return false };
        takes(&TestRequest::default().insert_header((name.clone(), value)).to_http_request())
    })
}

/// Takes a value, and the same again as it is written.
fn again<T: Display + Debug + PartialEq, E>(parse: impl Fn(&str) -> Result<T, E>, text: &str) -> bool {
    let Ok(value) = parse(text) else { return false };
    let written = value.to_string();
    assert_eq!(parse(&written).ok().as_ref(), Some(&value), "{written:?}");
    true
}

pub(super) fn stream_messages() -> Parser {
    let samples = [
        r#"{"op":"auth","ticket":"eyJhbGciOiJIUzI1NiJ9.eyJ1c2UiOiJ0aWNrZXQifQ.c2lnbmF0dXJl"}"#,
        r#"{"op":"subscribe","symbols":["AAPL","MSFT"],"interval_ms":250,"resume":{"epoch":"e","seq":41}}"#,
        r#"{"op":"subscribe","symbols":["BRK.B"]}"#,
        r#"{"op":"unsubscribe","symbols":["AAPL"]}"#,
        r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt"}"#,
        r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","prices":false}"#,
        r#"{"op":"watch","watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","deltas":true}"#,
        r#" {"watchlist":"wl_01kaq2f8s5e8rvm0r2j5c4n6xt","op":"unwatch"}"#,
        r#"{"op":"ping","id":1}"#,
    ];
    bytes(samples, |bytes| {
        let Ok(message) = serde_json::from_slice::<ClientMessage>(bytes) else { return false };
        let written = serde_json::to_vec(&message).expect("plain data");
        assert_eq!(serde_json::from_slice::<ClientMessage>(&written).ok(), Some(message));
        json::is_object(bytes)
    })
}

/// Every body of the API, each case as each of them.
pub(super) fn bodies() -> Parser {
    fn takes<T: DeserializeOwned>(request: &HttpRequest, body: &[u8]) -> bool {
        parse_json::<T>(request, body).is_ok()
    }
    let document: Value = serde_json::from_str(&watchtape::http::openapi::json()).expect("JSON");
    // Files to be imported are no bodies of one form: they have parsers of their own.
    let paths = document["paths"].as_object().expect("paths").iter().filter(|(path, _)| !path.ends_with("/import"));
    let operations = paths.filter_map(|(_, methods)| methods.as_object());
    let contents =
        operations.flat_map(|methods| methods.values()).filter_map(|one| one["requestBody"]["content"].as_object());
    let samples: Vec<String> = contents
        .flat_map(|content| content.iter())
        .filter(|(media_type, _)| media_type.ends_with("json"))
        .map(|(_, content)| content["example"].to_string())
        .collect();
    assert!(samples.len() >= 8, "{} operations take JSON", samples.len());
    let kinds = [
        takes::<Register>,
        takes::<Login>,
        takes::<GuestSignIn>,
        takes::<KeepAccount>,
        takes::<RefreshToken>,
        takes::<UserPatch>,
        takes::<PasswordChange>,
        takes::<ResetRequest>,
        takes::<PasswordReset>,
        takes::<Deletion>,
        takes::<NewApiKey>,
        takes::<NewDestination>,
        takes::<DestinationPatch>,
        takes::<DestinationConfirmation>,
        takes::<NewAlert>,
        takes::<AlertPatch>,
        takes::<BulkAlerts>,
        takes::<PreviewRequest>,
        takes::<NewWatchlist>,
        takes::<WatchlistPatch>,
        takes::<NewItem>,
        takes::<BulkAdd>,
        takes::<MoveItems>,
        takes::<ItemPatch>,
        takes::<Order>,
    ];
    let request = TestRequest::default().insert_header(header::ContentType::json()).to_http_request();
    bytes(samples, move |bytes| kinds.iter().filter(|takes| takes(&request, bytes)).count() > 0)
}

pub(super) fn queries() -> Parser {
    fn takes<T: DeserializeOwned>(request: &HttpRequest) -> bool {
        Query::<T>::from_request(request, &mut Payload::None).into_inner().is_ok()
    }
    let samples = [
        "q=micro%20soft&limit=10&cursor=bzIw",
        "symbols=AAPL,MSFT%2CBRK.B",
        "interval=1d&from=2026-11-01&to=2026-11-20",
        "state=active&symbol=AAPL&limit=100",
    ];
    text(samples, |text| {
        let uri = format!("/?{text}");
        if uri.parse::<Uri>().is_err() {
            return false;
        }
        let request = TestRequest::default().uri(&uri).to_http_request();
        takes::<TickerQuery>(&request)
            || takes::<QuotesQuery>(&request)
            || takes::<BarsQuery>(&request)
            || takes::<AlertsQuery>(&request)
    })
}

pub(super) fn searches() -> Parser {
    let index = index();
    text(["apple", "micro soft", "brk.b", "US0378331005", "nvidai", "é"], move |text| {
        let text: String = text.chars().take(64).collect();
        let page = index.search(&text, 0, 10);
        assert!(page.matches.len() <= 10);
        true
    })
}

pub(super) fn times() -> Parser {
    let samples = ["2026-11-20T15:30:00Z", "2026-11-20T15:30:00.123456+05:30", "2026-02-28", "9999-12-31T23:59:60Z"];
    text(samples, |text| bars::read_time("from", text).is_ok())
}

pub(super) fn if_match_headers() -> Parser {
    header(header::IF_MATCH, &["*", "\"7\"", "\"7\", \"9.abc.1\"", "W/\"7\""], |request| {
        IfMatch::from_request(request, &mut Payload::None).into_inner().is_ok()
    })
}

pub(super) fn if_none_match_headers() -> Parser {
    header(header::IF_NONE_MATCH, &["*", "\"7\"", "\"7\", W/\"9.abc.1\""], |request| {
        etag::is_not_modified(request, "\"7\"").is_ok()
    })
}

pub(super) fn authorization_headers() -> Parser {
    let samples = ["Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ1c3IifQ.c2lnbmF0dXJl", "bearer wt_abcdefgh", "BEARER  x"];
    header(header::AUTHORIZATION, &samples, |request| bearer_token(request).is_ok())
}

/// All that says where a request comes from, as many headers as there are lines.
pub(super) fn forwarded_headers() -> Parser {
    let samples = [
        "x-forwarded-for: 203.0.113.7, 10.0.0.1\nuser-agent: Mozilla/5.0 (X11; Linux x86_64)",
        "x-forwarded-for: 2001:db8::7\nx-forwarded-for: [2001:db8::7]:443, unknown",
        "forwarded: for=192.0.2.60;proto=http;by=203.0.113.43, for=\"[2001:db8:cafe::17]:4711\"\nx-real-ip: 192.0.2.1",
    ];
    let proxies: TrustedProxies = "127.0.0.0/8, 10.0.0.0/8".parse().expect("networks");
    bytes(samples, move |bytes| {
        let mut request = TestRequest::default().peer_addr(([127, 0, 0, 1], 80).into());
        for line in bytes.split(|byte| *byte == b'\n') {
            let mut parts = line.splitn(2, |byte| *byte == b':');
            let (Some(name), Some(value)) = (parts.next(), parts.next()) else { return false };
            let parsed = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value.trim_ascii()));
            let (Ok(name), Ok(value)) = parsed else { return false };
            request = request.append_header((name, value));
        }
        client_of(&request.to_http_request(), &proxies).address.is_some()
    })
}

pub(super) fn cookies() -> Parser {
    let samples = ["watchtape_refresh=VTZ5bUJ4.d3hkT3Z0", "a=b; watchtape_refresh=\"x\"; c=%20"];
    header(header::COOKIE, &samples, |request| request.cookie("watchtape_refresh").is_some())
}

/// None is taken but those that were given out.
pub(super) fn access_tokens() -> Parser {
    let tokens = Tokens::new(&secret(), None);
    let given_out: Vec<String> = (0..4).map(|_| tokens.access(&ids::user(), &ids::session(), Utc::now())).collect();
    text(given_out.clone(), move |text| {
        let taken = tokens.verify(text, TokenUse::Access).is_some();
        assert!(!taken || given_out.iter().any(|token| token == text), "made up: {text}");
        assert!(tokens.verify(text, TokenUse::Ticket).is_none());
        taken
    })
}

pub(super) fn api_keys() -> Parser {
    let samples: Vec<String> = (0..4).map(|_| api_keys::from_random_bytes(&rand::random())).collect();
    text(samples, |text| {
        let _ = api_keys::hint_of(text);
        api_keys::hash_of(text).is_some()
    })
}

/// None is taken but those that were given out.
pub(super) fn cursors() -> Parser {
    let cursors = Cursors::new(&secret());
    let given_out: Vec<String> = ["20", "evt_01kaq2f8s5e8rvm0r2j5c4n6xt"].map(|last| cursors.encode("p", last)).into();
    text(given_out.clone(), move |text| {
        let taken = cursors.decode("p", text).is_ok();
        assert!(!taken || given_out.iter().any(|cursor| cursor == text), "made up: {text}");
        taken
    })
}

pub(super) fn idempotency_keys() -> Parser {
    text(["8e03978e-40d5-43dd-bc93-6894a57f9324", r#""a\"b""#], |text| IdempotencyKey::parse(text).is_some())
}

fn files(format: Format, samples: &[&str]) -> Parser {
    let catalogue = index();
    bytes(samples, move |file| transfer::read(format, file, &catalogue).is_ok())
}

pub(super) fn csv_files() -> Parser {
    files(
        Format::Csv,
        &[
            "symbol,exchange,flag,note\nAAPL,NASDAQ,red,\"a, b\"\nMSFT,,,'=1+1\n",
            "\u{feff}symbol;section\r\nNVDA;Chips\r\n",
        ],
    )
}

pub(super) fn text_files() -> Parser {
    files(
        Format::Txt,
        &["###Chips,NASDAQ:NVDA,AAPL", "###Tech%2C I follow\nNASDAQ:AAPL\n# flag: red\n# note: \"x\"\n###\nMSFT\n"],
    )
}

pub(super) fn json_files() -> Parser {
    files(
        Format::Json,
        &[r#"{"name":"Tech","items":[{"symbol":"AAPL","note":"n","flag":"red","section":"S"},{"x":1}]}"#],
    )
}

fn secret() -> Secret {
    Secret::new("an installation's own secret, long enough").expect("long enough")
}

fn index() -> TickerIndex {
    let tickers = catalog::embedded().expect("the catalogue");
    TickerIndex::new(tickers.into_iter().take(SECURITIES).map(Arc::new).collect())
}

pub(super) fn symbols() -> Parser {
    text(["AAPL", "BRK.B", "7203", "brk-b", "ABCDEFGHIJKLMNO"], |text| again(Symbol::parse, text))
}

pub(super) fn ids() -> Parser {
    let samples =
        [ids::user().to_string(), ids::session().to_string(), ids::watchlist().to_string(), ids::key().to_string()];
    text(samples, |text| {
        let kinds = [
            again(UserId::parse, text),
            again(SessionId::parse, text),
            again(WatchlistId::parse, text),
            again(KeyId::parse, text),
        ];
        let taken = kinds.into_iter().filter(|taken| *taken).count();
        assert!(taken <= 1, "one id of two kinds: {text}");
        taken == 1
    })
}

pub(super) fn prices() -> Parser {
    text(["189.23", "0.000001", "999999999998.999999", "1", "USD"], |text| {
        again(Price::parse, text) || again(Currency::parse, text)
    })
}

pub(super) fn emails() -> Parser {
    // In lower case it has more bytes.
    let growing = format!("{}@example.com", "İ".repeat(21));
    let long = format!("{}@example.com", "a".repeat(64));
    text(["Ada@Example.com", "ada+b@mail.example.co.uk", "\"ada\"@é.example", &growing, &long], |text| {
        let taken = again(Email::parse, text);
        if taken && let Ok(email) = Email::parse(text) {
            let _ = email.to_display_name();
        }
        taken
    })
}

pub(super) fn passwords() -> Parser {
    text(["correct horse battery staple", "日本語のパスワード", &"x".repeat(128)], |text| {
        Password::parse(text).is_ok_and(|password| password.expose() == text)
    })
}

pub(super) fn texts() -> Parser {
    text(["Tech I follow", "two\nlines\tand a tab", " é ", &"n".repeat(64)], |text| {
        let short = [
            again(ListName::parse, text),
            again(Section::parse, text),
            again(DisplayName::parse, text),
            again(KeyName::parse, text),
        ];
        again(Note::parse, text) || short.contains(&true)
    })
}
