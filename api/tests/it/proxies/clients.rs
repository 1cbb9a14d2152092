//! What stays with the proxy over the restarts: sockets that come back as the app's do, and requests at a steady pace.

use super::proxy::Proxy;
use crate::support::{Account, secrets, within};
use futures_util::{SinkExt, StreamExt};
use reqwest::{Certificate, Response};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};

/// The address that requests come from.
pub(super) const CLIENT: &str = "127.0.0.5";
/// Twenty a second.
const PACE: Duration = Duration::from_millis(50);
/// How long a socket waits before it connects again: the app's first pause.
const PAUSE: Duration = Duration::from_millis(500);

/// A client of an account that knows the proxy alone, and verifies its certificate.
#[derive(Clone)]
pub(super) struct ThroughProxy {
    http: reqwest::Client,
    tls: Arc<ClientConfig>,
    origin: String,
    token: String,
}

impl ThroughProxy {
    pub(super) fn new(proxy: &Proxy, account: Account) -> Self {
        let authority = proxy.authority.pem();
        let authority = authority.as_bytes();
        let http = reqwest::Client::builder()
            .no_proxy()
            .local_address(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 5)))
            .tls_certs_only([Certificate::from_pem(authority).expect("a certificate")])
            .build()
            .expect("a client");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(authority).expect("a certificate")).expect("a certificate");
        let tls = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth().into();
        let token = account.client.token.expect("signed in");
        Self { http, tls, origin: format!("://{}", proxy.secure), token }
    }

    /// Reads something.
    pub(super) async fn get(&self, path: &str) -> Response {
        self.try_get(path).await.expect("an answer")
    }

    async fn try_get(&self, path: &str) -> reqwest::Result<Response> {
        self.http.get(format!("https{}{path}", self.origin)).bearer_auth(&self.token).send().await
    }

    /// Signs in once more.
    pub(super) async fn sign_in(&self, email: &str, password: &str) {
        let login = json!({ "email": email, "password": password, "transport": "body" });
        let login = self.http.post(format!("https{}/api/v1/auth/login", self.origin)).json(&login);
        let answer = login.send().await.expect("an answer");
        assert_eq!(answer.status(), 200);
        secrets::keep_fields(&answer.json().await.expect("JSON"));
    }

    /// Follows a symbol until the connection ends, and tells of each price.
    async fn follow(&self, has_prices: impl Fn()) {
        let mut request = format!("wss{}/api/v1/stream", self.origin).into_client_request().expect("a request");
        let bearer = HeaderValue::from_str(&format!("Bearer {}", self.token)).expect("a header");
        request.headers_mut().insert("Authorization", bearer);
        request.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("watchtape.v1"));
        let connector = Some(Connector::Rustls(self.tls.clone()));
        let Ok((mut socket, _)) = connect_async_tls_with_config(request, None, true, connector).await else { return };
        let subscribe = json!({ "op": "subscribe", "symbols": ["AAPL"] });
        if socket.send(Message::text(subscribe.to_string())).await.is_err() {
            return;
        }
        while let Some(Ok(message)) = socket.next().await {
            match message {
                Message::Text(text) if text.contains(r#""type":"ticks""#) => has_prices(),
                Message::Close(_) => return,
                _ => {}
            }
        }
    }
}

/// Sockets that connect again whenever they are closed.
pub(super) struct Sockets {
    states: Vec<Rc<SocketState>>,
    tasks: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct SocketState {
    has_prices: Cell<bool>,
    /// How long it was without, each time.
    gaps: RefCell<Vec<Duration>>,
}

impl Sockets {
    /// Opens them, and waits until each has had prices.
    pub(super) async fn open(client: &ThroughProxy, count: usize) -> Self {
        let states: Vec<Rc<SocketState>> = (0..count).map(|_| Rc::default()).collect();
        let tasks = states.iter().map(|state| actix_web::rt::spawn(stay_connected(client.clone(), state.clone())));
        let sockets = Self { tasks: tasks.collect(), states };
        crate::support::until("every socket has prices", async || sockets.without_prices() == 0).await;
        sockets
    }

    /// How many have no prices on the connection that they have now.
    pub(super) fn without_prices(&self) -> usize {
        self.states.iter().filter(|state| !state.has_prices.get()).count()
    }

    /// How often they have come back, and the longest time from a close to the first price after it.
    pub(super) fn reconnected(&self) -> (usize, Duration) {
        let gaps: Vec<Duration> = self.states.iter().flat_map(|state| state.gaps.borrow().clone()).collect();
        (gaps.len(), gaps.into_iter().max().unwrap_or_default())
    }
}

impl Drop for Sockets {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

async fn stay_connected(client: ThroughProxy, state: Rc<SocketState>) {
    let closed = Cell::new(None::<Instant>);
    loop {
        client
            .follow(|| {
                state.has_prices.set(true);
                if let Some(closed) = closed.take() {
                    state.gaps.borrow_mut().push(closed.elapsed());
                }
            })
            .await;
        if state.has_prices.replace(false) {
            closed.set(Some(Instant::now()));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Requests that are being sent.
pub(super) struct Requests {
    outcome: Rc<RefCell<Outcome>>,
    sending: JoinHandle<()>,
}

/// What became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    pub(super) sent: usize,
    pub(super) answered: usize,
    pub(super) slowest: Duration,
    pub(super) failed: Vec<String>,
}

impl Requests {
    /// Sends them at a steady pace, whether or not those before have been answered.
    pub(super) fn start(client: &ThroughProxy) -> Self {
        let outcome = Rc::<RefCell<Outcome>>::default();
        let (client, shared) = (client.clone(), outcome.clone());
        let sending = actix_web::rt::spawn(async move {
            let mut pace = tokio::time::interval(PACE);
            for path in ["/api/v1/quotes?symbols=AAPL,MSFT", "/api/v1/watchlists", "/api/v1/me"].into_iter().cycle() {
                pace.tick().await;
                shared.borrow_mut().sent += 1;
                actix_web::rt::spawn(send(client.clone(), path, shared.clone()));
            }
        });
        Self { outcome, sending }
    }

    /// Sends no more, and waits for the answers to those that were sent.
    pub(super) async fn stop(self) -> Outcome {
        self.sending.abort();
        crate::support::until("every request is answered", async || {
            let outcome = self.outcome.borrow();
            outcome.answered + outcome.failed.len() == outcome.sent
        })
        .await;
        self.outcome.take()
    }
}

async fn send(client: ThroughProxy, path: &str, outcome: Rc<RefCell<Outcome>>) {
    let sent = Instant::now();
    let answer = within(async { client.try_get(path).await?.error_for_status()?.bytes().await }).await;
    let mut outcome = outcome.borrow_mut();
    outcome.slowest = outcome.slowest.max(sent.elapsed());
    match answer {
        Ok(_) => outcome.answered += 1,
        Err(error) => outcome.failed.push(format!("{path}: {error:?}")),
    }
}
