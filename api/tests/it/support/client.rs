//! A client of the API, as a program would write one.

use super::{log, secrets};
use reqwest::header::{CONTENT_TYPE, HeaderMap, SET_COOKIE};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

/// Speaks to one server, with the token it has been given.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) address: SocketAddr,
    pub(crate) token: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A signed-in account of a test.
pub(crate) struct Account {
    pub(crate) client: Client,
    pub(crate) email: String,
    pub(crate) password: String,
    pub(crate) refresh_token: String,
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header as text; empty where it is missing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Checks the status and gives the body as JSON.
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    /// Checks that this is the contract's problem, of this status and code.
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{self:?}");
        assert_eq!(problem["status"], status);
        assert_eq!(problem["type"], format!("urn:watchtape:problem:{code}"));
        for field in ["title", "detail", "request_id"] {
            assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {problem}");
        }
        problem
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr) -> Self {
        log::watch();
        watchtape::tls::install();
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { http, address, token: None }
    }

    /// A request with the token; `path` begins with a slash.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("http://{}{path}", self.address);
        secrets::watch_address(&address);
        let request = self.http.request(method, address);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let (http, request) = request.build_split();
        let request = request.expect("a request");
        keep_secrets(request.body().and_then(reqwest::Body::as_bytes));
        let response = http.execute(request).await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        assert!(headers.contains_key("x-request-id"), "every answer has a request id");
        let text = response.text().await.expect("a body");
        keep_secrets(Some(text.as_bytes()));
        for cookie in headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok()) {
            let value = cookie.split(';').next().and_then(|pair| pair.split_once('='));
            secrets::keep(value.unwrap_or_default().1);
        }
        Answer { status, headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value, if_match: Option<&str>) -> Answer {
        let request = self.request(Method::PUT, path).json(body);
        self.send(with_if_match(request, if_match)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value, if_match: Option<&str>) -> Answer {
        let request = self.request(Method::PATCH, path).header(CONTENT_TYPE, MERGE_PATCH).body(body.to_string());
        self.send(with_if_match(request, if_match)).await
    }

    pub(crate) async fn delete(&self, path: &str, if_match: Option<&str>) -> Answer {
        self.send(with_if_match(self.request(Method::DELETE, path), if_match)).await
    }

    /// Opens an account of a new address.
    pub(crate) async fn register(&self) -> Account {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let email = format!("person{}@example.com", COUNT.fetch_add(1, Ordering::Relaxed));
        let password = "correct horse battery".to_owned();
        let body = json!({ "email": email, "password": password, "transport": "body" });
        let answer = self.post("/api/v1/auth/register", &body).await.expect(201);
        let text = |field: &str| answer[field].as_str().expect("a text").to_owned();
        let client = Self { token: Some(text("access_token")), ..self.clone() };
        Account { client, email, password, refresh_token: text("refresh_token") }
    }
}

impl Client {
    /// Begins as a guest: an account whose address and password are empty.
    pub(crate) async fn begin_as_guest(&self) -> Account {
        let answer = self.post("/api/v1/auth/guest", &json!({ "transport": "body" })).await.expect(201);
        let text = |field: &str| answer[field].as_str().expect("a text").to_owned();
        let client = Self { token: Some(text("access_token")), ..self.clone() };
        Account { client, email: String::new(), password: String::new(), refresh_token: text("refresh_token") }
    }
}

impl Account {
    /// The path of the account's first list.
    pub(crate) async fn first_list(&self) -> String {
        let lists = self.client.get("/api/v1/watchlists").await.expect(200);
        format!("/api/v1/watchlists/{}", lists["items"][0]["id"].as_str().expect("an id"))
    }

    /// Signs in once more, as from another device.
    pub(crate) async fn another_device(&self) -> Self {
        let login = json!({ "email": self.email, "password": self.password, "transport": "body" });
        let anyone = Client { token: None, ..self.client.clone() };
        let answer = anyone.post("/api/v1/auth/login", &login).await.expect(200);
        let text = |field: &str| answer[field].as_str().expect("a text").to_owned();
        let client = Client { token: Some(text("access_token")), ..anyone };
        let (email, password) = (self.email.clone(), self.password.clone());
        Self { client, email, password, refresh_token: text("refresh_token") }
    }

    /// Makes an API key of these scopes: what the server says of it, and a client that calls by it.
    pub(crate) async fn make_key(&self, scopes: &[&str]) -> (Value, Client) {
        let new = json!({ "name": "A program", "scopes": scopes });
        let key = self.client.post("/api/v1/me/api-keys", &new).await.expect(201);
        let client = Client { token: key["key"].as_str().map(str::to_owned), ..self.client.clone() };
        (key, client)
    }

    /// What happened to the account, the newest first, at most 100.
    pub(crate) async fn trail(&self) -> Vec<Value> {
        let page = self.client.get("/api/v1/me/audit-events?limit=100").await.expect(200);
        page["items"].as_array().expect("entries").clone()
    }

    /// The entries of a kind.
    pub(crate) async fn trail_of(&self, kind: &str) -> Vec<Value> {
        self.trail().await.into_iter().filter(|event| event["kind"] == kind).collect()
    }

    /// Puts symbols on a list.
    pub(crate) async fn add(&self, list: &str, symbols: &[&str]) {
        for symbol in symbols {
            self.client.post(&format!("{list}/items"), &json!({ "symbol": symbol })).await.expect(201);
        }
    }

    /// The symbols of a list, in its order.
    pub(crate) async fn symbols(&self, list: &str) -> Vec<String> {
        let list = self.client.get(list).await.expect(200);
        let items = list["items"].as_array().expect("items");
        for (position, item) in items.iter().enumerate() {
            assert_eq!(item["position"], position, "positions are 0, 1, 2, …: {items:?}");
        }
        items.iter().map(|item| item["symbol"].as_str().expect("a symbol").to_owned()).collect()
    }
}

/// Those of a body, where it is JSON.
fn keep_secrets(body: Option<&[u8]>) {
    if let Some(body) = body.and_then(|body| serde_json::from_slice(body).ok()) {
        secrets::keep_fields(&body);
    }
}

fn with_if_match(request: RequestBuilder, if_match: Option<&str>) -> RequestBuilder {
    match if_match {
        Some(tag) => request.header("If-Match", tag),
        None => request,
    }
}
