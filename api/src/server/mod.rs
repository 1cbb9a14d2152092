//! The composition root: builds a running server from settings. The tests start the same server as the command line.

mod calendar_file;
mod catalog_watch;
mod connection_check;
mod database_claim;
mod deletion_guard;
mod deliveries;
mod event_loop;
mod listener;
mod open_files;
mod open_provider;
mod operations_listener;
mod secret_check;
mod storage;
pub mod systemd;
mod tasks;

pub use database_claim::lock_file as claim_sqlite_file;
pub use deletion_guard::may_delete;
pub use listener::app_files;

use crate::alerts::inbox::Inbox;
use crate::alerts::{self, AlertEngine, Alerts, AlertsChanged};
use crate::auth::api_key_usage::ApiKeyUsage;
use crate::auth::api_keys::ApiKeyGenerator;
use crate::auth::device_cookie::DeviceCookies;
use crate::auth::guests::Guests;
use crate::auth::login_throttle::LoginThrottle;
use crate::auth::password_hashing::PasswordHasher;
use crate::auth::registrations::Registrations;
use crate::auth::sessions::Sessions;
use crate::auth::stream_tickets::StreamTickets;
use crate::auth::tokens::Tokens;
use crate::auth::{Auth, Secret};
use crate::clock;
use crate::cluster::events::Event;
use crate::cluster::{Cluster, Node, Redis};
use crate::config::{FeedSetting, Settings, cores};
use crate::db::bar::Provenance;
use crate::db::{DatabaseUrl, Db};
use crate::feed::price_publisher::{FeedEvent, PricePublisher};
use crate::feed::simulation::simulated_history::SimulatedHistory;
use crate::history::History;
use crate::history::recorder::Recorder;
use crate::http::idempotency_key::RunningRequests;
use crate::http::origin::Origins;
use crate::http::own_exchanges::OwnExchanges;
use crate::http::pagination::Cursors;
use crate::http::request_limits::RequestLimits;
use crate::http::state::{AppState, MarketState, WebState};
use crate::http::static_files::StaticFiles;
use crate::keyed_permits::KeyedPermits;
use crate::limits::Limiter;
use crate::limits::connection_limits::ConnectionLimits;
use crate::market::calendar::Calendar;
use crate::notify::reset_mail::ResetMails;
use crate::search::LiveIndex;
use crate::stream::StreamState;
use crate::stream::market_watch::market_at;
use crate::stream::reconciliation::reconcile;
use crate::telemetry::metrics::Metrics;
use crate::telemetry::request_sample::RequestSample;
use crate::telemetry::supervision::Tasks;
use crate::transfer::import_limits::ImportLimits;
use actix_web::dev::ServerHandle;
use actix_web::web;
use database_claim::DatabaseClaim;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use watchtape_shared::Symbol;

/// Reads of followed lists of one account that may wait for each other.
const LIST_READS_WAITING: usize = 1_000;

/// A server that is bound to its address.
pub struct Server {
    /// The bound address.
    pub address: SocketAddr,
    server: actix_web::dev::Server,
    operations: Option<actix_web::dev::Server>,
    stopper: Stopper,
}

impl Server {
    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        let operations = async {
            match self.operations {
                Some(server) => server.await,
                None => Ok(()),
            }
        };
        futures_util::try_join!(self.server, operations).map(|_| ())
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
    operations: Option<ServerHandle>,
    node: Arc<Node>,
    feed: AbortHandle,
    alerts: Arc<Inbox>,
    recorder: Arc<Recorder>,
    db: Db,
    is_draining: Arc<AtomicBool>,
    /// Held until the server has stopped.
    _claim: Arc<DatabaseClaim>,
}

impl Stopper {
    /// Says at `/readyz` that the server is stopping, so that balancers send it no more clients. It still serves.
    pub fn begin_drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    /// Accepts no more connections, releases the feed lease to another node, closes every stream, lets requests end
    /// within a deadline, and stores the last bars.
    pub async fn stop(&self) {
        self.handle.pause().await;
        self.feed.abort();
        // Before the lease is released: the next node goes on where this one stopped.
        self.alerts.take_event(FeedEvent::TermEnded, clock::now());
        self.node.cluster.release_lease().await;
        self.node.events.publish_local(Event::Stopping);
        self.handle.stop(true).await;
        if let Some(operations) = &self.operations {
            operations.stop(false).await;
        }
        if let Err(error) = self.recorder.flush(&self.db).await {
            tracing::warn!(%error, "could not store the last bars");
        }
    }
}

/// Opens the database, loads the catalogue, binds the address, and starts the feed and the tasks. An error is one line
/// for the operator. `embedded` are the app's files of this binary; none where it was built without them.
pub async fn build(settings: &Settings, embedded: StaticFiles) -> Result<Server, String> {
    let started = clock::monotonic();
    let open_files = open_files::raise_limit();
    settings.check_exposure()?;
    settings.make_data_dir()?;
    let (secret, other_secret) = (settings.read_secret()?, settings.read_other_secret()?);
    let app_files = app_files(settings, embedded)?;
    let db = storage::open_database(settings).await?;
    let (url, is_cluster) = (db.url().clone(), settings.redis_url.is_some());
    let open = settings.files_open_to_others();
    if !open.is_empty() {
        tracing::warn!(files = open.join(", "), "others than their owner may read these files: chmod 600");
    }
    let claimed = web::block(move || DatabaseClaim::new(url, is_cluster)).await;
    let claim = Arc::new(claimed.map_err(|error| error.to_string())?);
    let loaded = catalog_watch::load(&db).await?;
    let (tickers, loaded) = (Arc::new(LiveIndex::new(loaded.index)), loaded.import);
    let calendar = Arc::new(Calendar::embedded()?);
    let is_draining = Arc::new(AtomicBool::new(false));
    let (metrics, tasks) = (Arc::new(Metrics::with_database(db.metrics().clone())), Tasks::default());
    let (alerts_changed, alerts_inbox) = (AlertsChanged::default(), Arc::new(Inbox::new(metrics.clone())));

    let demand = Arc::new(crate::cluster::demand::Demand::default());
    let open_provider = {
        let (settings, demand, tickers) = (settings.clone(), demand.clone(), tickers.clone());
        let (calendar, db, vendors) = (calendar.clone(), db.clone(), metrics.vendors.clone());
        move || open_provider::open_provider(&settings, &demand, &tickers, &calendar, &db, &vendors)
    };
    let provider = open_provider()?;
    let cluster = match &settings.redis_url {
        Some(url) => {
            let redis = Redis::new(url, settings.redis_ca_file.as_deref())
                .map_err(|error| format!("WATCHTAPE_REDIS_URL: {error}"))?;
            Cluster::Redis(Box::new(redis))
        }
        None => Cluster::InProcess,
    };
    let node = Arc::new(Node::new(cluster, provider.source(), demand, metrics.clone()));
    let recorder = Arc::new(bar_recorder(&node, tickers.clone(), calendar.clone()));

    let limiter = Arc::new(Limiter::new(node.clone()));
    let mailer = settings.mailer()?;
    let mail_queued = Arc::new(Notify::new());
    let auth = Arc::new(Auth {
        db: db.clone(),
        limiter: limiter.clone(),
        passwords: PasswordHasher::new(cores()),
        tokens: Tokens::new(&secret, other_secret.as_ref()),
        sessions: Sessions::new(&secret, other_secret.as_ref()),
        stream_tickets: StreamTickets::default(),
        api_keys: ApiKeyGenerator::new(&secret),
        api_key_usage: ApiKeyUsage::default(),
        registrations: Registrations::new(settings.registration, settings.registrations_per_hour),
        guests: Guests::new(settings.max_guests(), settings.guests_per_hour, &tickers.load()),
        login_throttle: LoginThrottle::new(settings.login_per_minute, &secret),
        device_cookies: DeviceCookies::new(&secret),
        reset_mails: mailer.is_some().then(|| mail_queued.clone()),
    });
    let deliveries_queued = Arc::new(Notify::new());
    let (notify, link_origin) = deliveries::notify_state(settings, &secret, deliveries_queued.clone())?;
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
        budgets: Arc::default(),
        tasks: tasks.clone(),
        list_reads: KeyedPermits::new(1, LIST_READS_WAITING),
        followed_lists: Arc::default(),
        followed_list_sets: Arc::default(),
        metrics: metrics.clone(),
    });
    let state = web::Data::new(AppState {
        db: db.clone(),
        auth: auth.clone(),
        request_limits: RequestLimits::new(limiter, settings.api_per_minute, settings.anon_per_minute),
        web: web_state(settings, &secret),
        market: MarketState {
            tickers: tickers.clone(),
            own_exchanges: OwnExchanges::default(),
            calendar: calendar.clone(),
            history: History::new(db.clone(), node.clone(), calendar.clone(), simulated_history(settings, &calendar)),
        },
        alerts: Alerts { most_of_account: settings.alerts_per_account as usize, changed: alerts_changed.clone() },
        node: node.clone(),
        stream,
        notify,
        metrics,
        request_sample: RequestSample::new(settings.log_sample.into()),
        tasks,
        started,
        is_draining: is_draining.clone(),
    });
    let (address, server) = listener::listen(settings, state.clone(), app_files, open_files)?;
    let operations = operations_listener::listen(settings, &state)?;

    link_origin.set(settings.link_origin(address));

    node.join(&state.tasks);
    let catalog = (db.clone(), tickers.clone());
    state.tasks.supervise("catalog", move || catalog_watch::watch(catalog.0.clone(), catalog.1.clone(), loaded));
    let fingerprints = (secret.fingerprint(), other_secret.as_ref().map(Secret::fingerprint));
    let checked = node.clone();
    let held = claim.clone();
    state.tasks.supervise("database_claim", move || held.clone().keep());
    state.tasks.supervise("secret_check", move || secret_check::watch(checked.clone(), fingerprints.clone()));
    if matches!(db.url(), DatabaseUrl::Postgres(_)) {
        let (db, node) = (db.clone(), node.clone());
        state.tasks.supervise("connection_check", move || connection_check::watch(db.clone(), node.clone()));
    }
    if is_cluster {
        let stream = state.stream.clone();
        state.tasks.supervise("reconciliation", move || reconcile(stream.clone()));
    }
    let publisher = PricePublisher {
        node: node.clone(),
        db: db.clone(),
        tickers: tickers.clone(),
        on_event: {
            let (recorder, inbox) = (recorder.clone(), alerts_inbox.clone());
            Box::new(move |event| {
                if let FeedEvent::Accepted(tick, ..) = event {
                    recorder.record(tick);
                }
                inbox.take_event(event, clock::now());
            })
        },
        open_provider: Box::new(open_provider),
    };
    let feed = {
        let (publisher, mut first) = (Rc::new(publisher), Some(provider));
        state.tasks.supervise("feed", move || {
            let (publisher, first) = (publisher.clone(), first.take());
            async move { publisher.run(first).await }
        })
    };
    deliveries::start(&state);
    tasks::start(settings, &state, recorder.clone(), market_sender);
    let engine = Rc::new(AlertEngine {
        db: db.clone(),
        node: node.clone(),
        tickers: tickers.clone(),
        calendar: calendar.clone(),
        history: History::new(db.clone(), node.clone(), calendar.clone(), simulated_history(settings, &calendar)),
        inbox: alerts_inbox.clone(),
        changed: alerts_changed,
        queued: deliveries_queued,
        metrics: state.metrics.clone(),
    });
    state.tasks.supervise("alerts", move || {
        let engine = engine.clone();
        async move { alerts::runner::run(&engine).await }
    });
    if let Some(mailer) = mailer {
        let origin = settings.link_origin(address);
        let mails = Arc::new(ResetMails { auth, mailer, origin, queued: mail_queued });
        state.tasks.supervise("reset_mails", move || mails.clone().run());
    }
    tracing::info!(
        %address,
        database = ?db.url(),
        source = node.last_values.source.source,
        mode = ?node.last_values.source.mode,
        securities = tickers.load().len(),
        ready_ms = started.elapsed().as_millis() as u64,
        "listening"
    );
    let stopper = Stopper {
        handle: server.handle(),
        operations: operations.as_ref().map(actix_web::dev::Server::handle),
        node,
        feed,
        alerts: alerts_inbox,
        recorder,
        db,
        is_draining,
        _claim: claim,
    };
    Ok(Server { address, server, operations, stopper })
}

/// Records bars of watched symbols only, so that the database does not grow with the catalogue; of a replay, which is
/// small, of every symbol.
fn bar_recorder(node: &Node, tickers: Arc<LiveIndex>, calendar: Arc<Calendar>) -> Recorder {
    let provenance = Provenance::from(node.last_values.source.mode);
    let watched = node.demand.watched();
    let is_recorded = move |symbol: &Symbol| provenance == Provenance::Replay || watched.borrow().contains_key(symbol);
    Recorder::new(provenance, tickers, calendar, is_recorded)
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
