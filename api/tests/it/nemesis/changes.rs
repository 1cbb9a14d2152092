//! Clients that change lists, and what they were told: held against what is there in the end.

use super::cluster::Members;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

const SYMBOLS: [&str; 12] =
    ["AAPL", "MSFT", "NVDA", "IBM", "ORCL", "CSCO", "INTC", "AMZN", "META", "TSLA", "NFLX", "GOOG"];
/// A client gives up an answer then; what it asked for may have happened.
const PATIENCE: Duration = Duration::from_secs(15);

/// What a change did to a symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Effect {
    Added,
    Removed,
    Moved,
}

/// The changes of a list by the version that they made: the symbol, and what was done to it.
type Changes = BTreeMap<u64, (String, Effect)>;

/// All that was answered.
#[derive(Default)]
pub(super) struct History {
    /// By list.
    acknowledged: RefCell<HashMap<String, Changes>>,
    /// Changes that may have happened, and moves that may have been none: list, symbol, effect.
    unknown: RefCell<Vec<(String, String, Effect)>>,
    refused: Cell<usize>,
    is_over: Cell<bool>,
}

impl History {
    pub(super) fn stop(&self) {
        self.is_over.set(true);
    }

    pub(super) fn summary(&self) -> String {
        let acknowledged: usize = self.acknowledged.borrow().values().map(BTreeMap::len).sum();
        let (unknown, refused) = (self.unknown.borrow().len(), self.refused.get());
        format!("{acknowledged} changes acknowledged, {unknown} unknown, {refused} refused")
    }

    fn acknowledge(&self, list: &str, version: u64, symbol: &str, effect: Effect) {
        let mut all = self.acknowledged.borrow_mut();
        let before = all.entry(list.to_owned()).or_default().insert(version, (symbol.to_owned(), effect));
        assert_eq!(before, None, "two changes of {list} are version {version}: there is no serial order");
    }

    /// Compares the end with what was acknowledged, and returns the list as it is.
    pub(super) async fn check(&self, api: &Api, list: &str) -> Value {
        let mut found = None;
        crate::support::until("a node answers", async || {
            for node in 0..api.members.len() {
                if let Some((StatusCode::OK, _, body)) = api.ask(node, Method::GET, list, None, None).await {
                    found = Some(body);
                }
            }
            found.is_some()
        })
        .await;
        let truth = found.expect("set above");
        let items: Vec<&str> =
            truth["items"].as_array().expect("items").iter().filter_map(|item| item["symbol"].as_str()).collect();
        for (position, item) in truth["items"].as_array().expect("items").iter().enumerate() {
            assert_eq!(item["position"].as_u64(), Some(position as u64), "positions are 0 to n - 1: {truth}");
        }
        let all = self.acknowledged.borrow();
        let acknowledged = all.get(list).cloned().unwrap_or_default();
        let unknown: HashSet<(String, Effect)> = {
            let unknown = self.unknown.borrow();
            let of_list = unknown.iter().filter(|(of, ..)| of == list);
            of_list.map(|(_, symbol, effect)| (symbol.clone(), *effect)).collect()
        };
        let count = self.unknown.borrow().iter().filter(|(of, ..)| of == list).count();
        let version = truth["version"].as_u64().expect("a version");
        // The list began with version 1.
        let versions = version - 1;
        assert!(versions >= acknowledged.len() as u64, "an acknowledged change was lost");
        assert!(versions <= (acknowledged.len() + count) as u64, "a version that nobody asked for");
        for symbol in SYMBOLS {
            let last = acknowledged.values().rev().find(|(of, _)| of == symbol);
            let (is_on, may_be) = match last {
                Some((_, Effect::Added)) => (true, (symbol.to_owned(), Effect::Removed)),
                _ => (false, (symbol.to_owned(), Effect::Added)),
            };
            assert!(items.contains(&symbol) == is_on || unknown.contains(&may_be), "{symbol} of {list}: {truth}");
        }
        truth
    }
}

/// A client that changes one list on all nodes.
pub(super) struct Changer {
    api: Api,
    history: Rc<History>,
    list: String,
    random: StdRng,
    /// The version that it was told last.
    version: Option<u64>,
}

impl Changer {
    pub(super) fn new(api: Api, history: Rc<History>, list: String, seed: u64) -> Self {
        Self { api, history, list, random: StdRng::seed_from_u64(seed), version: None }
    }

    pub(super) async fn run(mut self) {
        while !self.history.is_over.get() {
            self.change().await;
            tokio::time::sleep(Duration::from_millis(self.random.random_range(20..200))).await;
        }
    }

    async fn change(&mut self) {
        let symbol = SYMBOLS[self.random.random_range(0..SYMBOLS.len())];
        let guard = self.version.filter(|_| self.random.random_bool(0.3));
        let node = self.random.random_range(0..self.api.members.len());
        let items = format!("{}/items", self.list);
        let item = format!("{items}/{symbol}");
        let (method, path, body, effect) = match self.random.random_range(0..3) {
            0 => (Method::POST, &items, Some(json!({ "symbol": symbol })), Effect::Added),
            1 => (Method::DELETE, &item, None, Effect::Removed),
            _ => (Method::PATCH, &item, Some(json!({ "position": 0 })), Effect::Moved),
        };
        let answer = self.api.ask(node, method, path, body, guard).await;
        let Some((status, version, _)) = answer else {
            // No answer: it may have happened.
            self.history.unknown.borrow_mut().push((self.list.clone(), symbol.to_owned(), effect));
            return;
        };
        match (status.is_success(), version) {
            (true, Some(version)) => {
                // A move to where it stands is no change, and its version may be another change's.
                if let Some(guard) = guard.filter(|guard| effect != Effect::Moved || version != *guard) {
                    assert_eq!(version, guard + 1, "a change that names a version follows it at once");
                }
                self.version = Some(version);
                if effect == Effect::Moved {
                    self.history.unknown.borrow_mut().push((self.list.clone(), symbol.to_owned(), effect));
                } else {
                    self.history.acknowledge(&self.list, version, symbol, effect);
                }
            }
            (true, None) => panic!("a change without a version"),
            // It was not carried out, or nobody knows.
            (false, _) if status.is_server_error() => {
                self.history.unknown.borrow_mut().push((self.list.clone(), symbol.to_owned(), effect));
            }
            (false, _) => {
                assert!(
                    [404, 409, 412, 429].contains(&status.as_u16()),
                    "an answer that is no client's fault: {status}"
                );
                self.history.refused.set(self.history.refused.get() + 1);
                if status == StatusCode::PRECONDITION_FAILED {
                    self.version = version;
                }
            }
        }
    }
}

/// An account's requests to any node.
#[derive(Clone)]
pub(super) struct Api {
    members: Rc<Members>,
    http: reqwest::Client,
    token: String,
}

impl Api {
    pub(super) fn new(members: Rc<Members>, token: String) -> Self {
        watchtape::tls::install();
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().expect("a client");
        Self { members, http, token }
    }

    /// Asks a node; `None` without an answer. Answers status, version and body.
    async fn ask(
        &self,
        node: usize,
        method: Method,
        path: &str,
        body: Option<Value>,
        guard: Option<u64>,
    ) -> Option<(StatusCode, Option<u64>, Value)> {
        let url = format!("http://{}/api/v1/watchlists/{path}", self.members.address(node));
        let kind = if method == Method::PATCH { "application/merge-patch+json" } else { "application/json" };
        let mut request = self.http.request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header("Content-Type", kind).body(body.to_string());
        }
        if let Some(version) = guard {
            request = request.header("If-Match", format!("\"{version}\""));
        }
        let answer = request.send().await.ok()?;
        let status = answer.status();
        assert!(status != StatusCode::INTERNAL_SERVER_ERROR, "an outage is no fault of the server");
        let tag = answer.headers().get("etag").and_then(|tag| tag.to_str().ok()).map(str::to_owned);
        let version = tag.and_then(|tag| tag.trim_start_matches("W/").trim_matches('"').parse().ok());
        let body = answer.bytes().await.ok()?;
        Some((status, version, serde_json::from_slice(&body).unwrap_or_default()))
    }
}
