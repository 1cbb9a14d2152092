//! The composition root: builds a running server from settings. The tests start the same server as the command line.

mod listener;
mod open_provider;
mod storage;
mod tasks;

use crate::auth::api_key_usage::ApiKeyUsage;
use crate::auth::api_keys::ApiKeyGenerator;
use crate::auth::device_cookie::DeviceCookies;
use crate::auth::guests::Guests;
use crate::auth::login_throttle::LoginThrottle;
use crate::auth::password_hashing::PasswordHasher;
use crate::auth::reset_links::ResetMailQueue;
use crate::auth::sessions::Sessions;
use crate::auth::stream_tickets::StreamTickets;
use crate::auth::tokens::Tokens;
use crate::auth::{Auth, Secret};
use crate::clock;
use crate::cluster::events::Event;
use crate::cluster::{Cluster, Node, Redis};
use crate::config::{FeedSetting, Settings, cores};
use crate::db::Db;
use crate::db::bar::Provenance;
use crate::feed::price_publisher::PricePublisher;
use crate::feed::simulation::simulated_history::SimulatedHistory;
use crate::history::History;
use crate::history::recorder::Recorder;
use crate::http::idempotency_key::RunningRequests;
use crate::http::origin::Origins;
use crate::http::pagination::Cursors;
use crate::http::request_limits::RequestLimits;
use crate::http::state::{AppState, MarketState, WebState};
use crate::limits::Limiter;
use crate::limits::connection_limits::ConnectionLimits;
use crate::market::calendar::Calendar;
use crate::stream::StreamState;
use crate::stream::market_watch::market_at;
use crate::telemetry::metrics::Metrics;
use crate::transfer::import_limits::ImportLimits;
use actix_web::dev::ServerHandle;
use actix_web::web;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use watchtape_shared::Symbol;

/// A server that is bound to its address.
pub struct Server {
    /// The bound address.
    pub address: SocketAddr,
    server: actix_web::dev::Server,
    stopper: Stopper,
}

impl Server {
    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }

    /// A handle that stops the server.
    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

/// Stops a server.
#[derive(Clone)]
pub struct Stopper {
    handle: ServerHandle,
    node: Arc<Node>,
    feed: AbortHandle,
    recorder: Arc<Recorder>,
    db: Db,
}

impl Stopper {
    /// Accepts no more connections, releases the feed lease to another node, closes every stream, lets requests end
    /// within a deadline, and stores the last bars.
    pub async fn stop(&self) {
        self.handle.pause().await;
        self.feed.abort();
        self.node.cluster.release_lease().await;
        self.node.events.publish_local(Event::Stopping);
        self.handle.stop(true).await;
        if let Err(error) = self.recorder.flush(&self.db).await {
            tracing::warn!(%error, "could not store the last bars");
        }
    }
}

/// Opens the database, loads the catalogue, binds the address, and starts the feed and the tasks. An error is one line
/// for the operator.
pub async fn build(settings: &Settings) -> Result<Server, String> {
    let started = clock::monotonic();
    settings.check_exposure()?;
    settings.make_data_dir()?;
    let (secret, other_secret) = (settings.read_secret()?, settings.read_other_secret()?);
    let app_files = listener::app_files(settings)?;
    let db = storage::open_database(settings).await?;
    let tickers = storage::load_catalog(&db).await?;
    let calendar = Arc::new(Calendar::embedded()?);
    let metrics = Arc::new(Metrics::default());

    let demand = Arc::new(crate::cluster::demand::Demand::default());
    let open_provider = {
        let (settings, demand, tickers) = (settings.clone(), demand.clone(), tickers.clone());
        let (calendar, db) = (calendar.clone(), db.clone());
        move || open_provider::open_provider(&settings, &demand, &tickers, &calendar, &db)
    };
    let provider = open_provider()?;
    let cluster = match &settings.redis_url {
        Some(url) => {
            Cluster::Redis(Box::new(Redis::new(url).map_err(|error| format!("WATCHTAPE_REDIS_URL: {error}"))?))
        }
        None => Cluster::InProcess,
    };
    let node = Arc::new(Node::new(cluster, provider.source(), demand, metrics.clone()));
    let recorder = Arc::new(bar_recorder(&node));

    let limiter = Arc::new(Limiter::new(node.clone()));
    let mailer = settings.mailer()?;
    let (reset_mails, reset_mail_receiver) = ResetMailQueue::new();
    let auth = Arc::new(Auth {
        db: db.clone(),
        limiter: limiter.clone(),
        passwords: PasswordHasher::new(cores()),
        tokens: Tokens::new(&secret, other_secret.as_ref()),
        sessions: Sessions::new(&secret, other_secret.as_ref()),
        stream_tickets: StreamTickets::default(),
        api_keys: ApiKeyGenerator::new(&secret),
        api_key_usage: ApiKeyUsage::default(),
        guests: Guests::new(settings.guests, settings.guests_per_hour, &tickers),
        login_throttle: LoginThrottle::new(settings.login_per_minute, &secret),
        device_cookies: DeviceCookies::new(&secret),
        reset_mails: mailer.is_some().then_some(reset_mails),
    });
    let (market_sender, market) = watch::channel(Arc::new(market_at(&calendar, &node, clock::now())));
    let stream = Arc::new(StreamState {
        db: db.clone(),
        auth: auth.clone(),
        tickers: tickers.clone(),
        calendar: calendar.clone(),
        node: node.clone(),
        market,
        connection_limits: ConnectionLimits::new(
            settings.stream_per_account,
            settings.stream_per_address,
            settings.stream_unknown,
        ),
        metrics: metrics.clone(),
    });
    let state = web::Data::new(AppState {
        db: db.clone(),
        auth: auth.clone(),
        request_limits: RequestLimits::new(limiter, settings.api_per_minute, settings.anon_per_minute),
        web: web_state(settings, &secret),
        market: MarketState {
            tickers: tickers.clone(),
            calendar: calendar.clone(),
            history: History::new(db.clone(), node.clone(), calendar.clone(), simulated_history(settings, &calendar)),
        },
        node: node.clone(),
        stream,
        metrics,
    });
    let (address, server) = listener::listen(settings, state.clone(), app_files)?;

    node.join();
    let publisher = PricePublisher {
        node: node.clone(),
        tickers: tickers.clone(),
        on_tick: {
            let recorder = recorder.clone();
            Box::new(move |tick| recorder.record(tick))
        },
        open_provider: Box::new(open_provider),
    };
    let feed = actix_web::rt::spawn(publisher.run(provider)).abort_handle();
    tasks::start(settings, &state, recorder.clone(), market_sender);
    if let Some(mailer) = mailer {
        tasks::start_reset_mails(reset_mail_receiver, auth, mailer, settings.link_origin(address));
    }
    tracing::info!(
        %address,
        database = ?db.url(),
        source = node.last_values.source.source,
        mode = ?node.last_values.source.mode,
        securities = tickers.len(),
        ready_ms = started.elapsed().as_millis() as u64,
        "listening"
    );
    let handle = server.handle();
    Ok(Server { address, server, stopper: Stopper { handle, node, feed, recorder, db } })
}

/// Records bars of watched symbols only, so that the database does not grow with the catalogue; of a replay, which is
/// small, of every symbol.
fn bar_recorder(node: &Node) -> Recorder {
    let provenance = Provenance::from(node.last_values.source.mode);
    let watched = node.demand.watched();
    let is_recorded = move |symbol: &Symbol| provenance == Provenance::Replay || watched.borrow().contains_key(symbol);
    Recorder::new(provenance, is_recorded)
}

/// The computed history of a simulated market; `None` for other feeds.
fn simulated_history(settings: &Settings, calendar: &Arc<Calendar>) -> Option<SimulatedHistory> {
    matches!(settings.feed, FeedSetting::Sim).then(|| SimulatedHistory::new(settings.sim_seed, calendar.clone()))
}

fn web_state(settings: &Settings, secret: &Secret) -> WebState {
    WebState {
        proxies: settings.trusted_proxies.clone(),
        origins: Origins {
            public: settings.public_origin.clone().map(|origin| origin.0),
            cors: settings.cors_origins.iter().map(|origin| origin.0.clone()).collect(),
        },
        cursors: Cursors::new(secret),
        running_requests: RunningRequests::default(),
        import_limits: ImportLimits::default(),
    }
}
