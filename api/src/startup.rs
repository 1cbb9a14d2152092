//! From settings to a running server. The tests start the same server as the command line does.

use crate::app_files::AppFiles;
use crate::auth::guests::Guests;
use crate::auth::key_uses::KeyUses;
use crate::auth::keys::KeyMaker;
use crate::auth::passwords::Passwords;
use crate::auth::resets::ResetMails;
use crate::auth::sessions::Sessions;
use crate::auth::throttle::Throttle;
use crate::auth::tickets::Tickets;
use crate::auth::tokens::Tokens;
use crate::auth::watch as access;
use crate::config::{FeedSetting, Settings, cores};
use crate::cursor::Cursors;
use crate::db::bar::Origin;
use crate::db::sweep::{self, Swept};
use crate::db::{Db, security};
use crate::events::{Event, Events};
use crate::idempotency::Running;
use crate::limits::Limiter;
use crate::limits::recent::Recent;
use crate::limits::requests::{self, Policies};
use crate::metrics::Metrics;
use crate::prices::board::Board;
use crate::prices::calendar::Calendar;
use crate::prices::cluster::{Cluster, Redis};
use crate::prices::connections::Connections;
use crate::prices::demand::Demand;
use crate::prices::feed::Feed;
use crate::prices::history::History;
use crate::prices::market;
use crate::prices::provider::Provider;
use crate::prices::provider::replay::Replay;
use crate::prices::provider::sim::Sim;
use crate::prices::provider::sim::past::Past;
use crate::prices::provider::upstream::Upstream;
use crate::prices::provider::vendors;
use crate::prices::recorder::Recorder;
use crate::prices::session::WRITE_BUFFER;
use crate::prices::worker::Worker;
use crate::search::TickerIndex;
use crate::state::AppState;
use crate::telemetry::RequestSpan;
use crate::transfer::Transfers;
use crate::{catalog, cors, defences, deprecation, head, problems, routes};
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpRequest, HttpServer, web};
use chrono::{TimeDelta, Utc};
use socket2::SockRef;
use std::any::Any;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tracing_actix_web::TracingLogger;
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};
use watchtape_shared::Symbol;

/// How long a stopping server waits for requests that are under way.
const DRAIN_SECONDS: u64 = 5;
/// How long a client may take to send a request's head.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
const IDLE_DEADLINE: Duration = Duration::from_secs(75);
/// How long what was sent to a client may stay unread by its machine.
const JAM_DEADLINE: Duration = Duration::from_secs(8);
/// How many bytes the kernel takes that it has not sent: what waits there grows old, and newer values cannot replace it.
const MOST_UNSENT: u32 = 32 * 1024;
/// How often what has expired is forgotten.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3600);

/// A server that listens.
pub struct Server {
    /// Where it listens.
    pub address: SocketAddr,
    server: actix_web::dev::Server,
    events: Arc<Events>,
    cluster: Arc<Cluster>,
    feed: AbortHandle,
    recorder: Arc<Recorder>,
    db: Db,
}

impl Server {
    /// Serves until it is stopped.
    pub async fn run(self) -> std::io::Result<()> {
        self.server.await
    }

    /// A handle that stops the server.
    pub fn stopper(&self) -> Stopper {
        Stopper {
            handle: self.server.handle(),
            events: self.events.clone(),
            cluster: self.cluster.clone(),
            feed: self.feed.clone(),
            recorder: self.recorder.clone(),
            db: self.db.clone(),
        }
    }
}

/// Stops a server.
#[derive(Clone)]
pub struct Stopper {
    handle: ServerHandle,
    events: Arc<Events>,
    cluster: Arc<Cluster>,
    feed: AbortHandle,
    recorder: Arc<Recorder>,
    db: Db,
}

impl Stopper {
    /// Takes no more connections, leaves the feed to another node, says goodbye to every stream, lets requests end within
    /// a deadline, and stores the bars.
    pub async fn stop(&self) {
        self.handle.pause().await;
        self.feed.abort();
        self.cluster.resign().await;
        self.events.tell(Event::Stopping);
        self.handle.stop(true).await;
        if let Err(error) = self.recorder.flush_now(&self.db).await {
            tracing::warn!(%error, "could not store the last bars");
        }
    }
}

/// Opens the database, loads the catalogue, starts the feed and listens. An error is one line for the operator.
pub async fn build(settings: &Settings) -> Result<Server, String> {
    let started = Instant::now();
    settings.check_exposure()?;
    settings.make_data_dir()?;
    let (secret, other_secret) = (settings.read_secret()?, settings.read_other_secret()?);
    let app_files = match &settings.web_dir {
        Some(folder) => {
            AppFiles::read(folder).map_err(|error| format!("WATCHTAPE_WEB_DIR {}: {error}", folder.display()))?
        }
        None => AppFiles::embedded(),
    };
    let (db, tickers) = open_database(settings).await?;
    let calendar = Arc::new(Calendar::embedded()?);
    let demand = Arc::new(Demand::default());
    let open = {
        let (settings, demand, tickers) = (settings.clone(), demand.clone(), tickers.clone());
        let (calendar, db) = (calendar.clone(), db.clone());
        move || open_provider(&settings, &demand, &tickers, &calendar, &db)
    };
    let provider = open()?;
    let metrics = Arc::new(Metrics::default());
    let board = Arc::new(Board::new(&*provider, metrics.clone()));
    let (news, market) = watch::channel(Arc::new(market::at(&calendar, &board, Utc::now())));
    let events = Arc::new(Events::default());
    let cluster = Arc::new(match &settings.redis_url {
        Some(url) => {
            Cluster::Redis(Box::new(Redis::new(url).map_err(|error| format!("WATCHTAPE_REDIS_URL: {error}"))?))
        }
        None => Cluster::InProcess,
    });
    let origin = Origin::from(board.source.mode);
    let watched = demand.watched();
    // What is watched, so that a database does not grow with the catalogue; of a recording, which is small, all of it.
    let is_recorded = move |symbol: &Symbol| origin == Origin::Replay || watched.borrow().contains_key(symbol);
    let recorder = Arc::new(Recorder::new(origin, is_recorded));
    // Of a simulated market alone the past is known without having been there.
    let past = matches!(settings.feed, FeedSetting::Sim).then(|| Past::new(settings.sim_seed, calendar.clone()));
    let mailer = settings.mailer()?;
    let (reset_mails, reset_queue) = ResetMails::new();
    let state = web::Data::new(AppState {
        db: db.clone(),
        passwords: Passwords::new(cores()),
        tokens: Tokens::new(&secret, other_secret.as_ref()),
        sessions: Sessions::new(&secret, other_secret.as_ref()),
        key_maker: KeyMaker::new(&secret),
        guests: Guests::new(settings.guests, settings.guests_per_hour, &tickers),
        key_uses: KeyUses::default(),
        limits: Limiter::new(cluster.clone()),
        known_keys: Recent::default(),
        ended: Recent::default(),
        policies: Policies::new(settings.api_per_minute, settings.anon_per_minute),
        proxies: settings.trusted_proxies.clone(),
        throttle: Throttle::new(settings.login_per_minute, &secret),
        reset_mails: mailer.is_some().then_some(reset_mails),
        cursors: Cursors::new(&secret),
        running: Running::default(),
        transfers: Transfers::default(),
        tickets: Tickets::default(),
        tickers: tickers.clone(),
        board: board.clone(),
        history: History::new(db.clone(), board.clone(), calendar.clone(), past),
        cluster: cluster.clone(),
        demand: demand.clone(),
        connections: Connections::new(
            settings.stream_per_account,
            settings.stream_per_address,
            settings.stream_unknown,
        ),
        metrics,
        calendar: calendar.clone(),
        market,
        events: events.clone(),
        public_origin: settings.public_origin.clone().map(|origin| origin.0),
        cors_origins: settings.cors_origins.iter().map(|origin| origin.0.clone()).collect(),
    });
    let (address, server) = listen(settings, state.clone(), app_files)?;
    cluster.join(&board, &demand, &events);
    let feed = Feed {
        board: board.clone(),
        cluster: cluster.clone(),
        tickers,
        recorder: recorder.clone(),
        open: Box::new(open),
    };
    let feed = actix_web::rt::spawn(feed.run(provider));
    actix_web::rt::spawn(recorder.clone().keep(db.clone(), settings.bars_retention()));
    actix_web::rt::spawn(market::watch(calendar, board.clone(), news));
    if let Some(mailer) = mailer {
        actix_web::rt::spawn(reset_queue.serve(state.clone(), mailer, settings.link_origin(address)));
    }
    actix_web::rt::spawn(access::follow(db.clone(), events.clone()));
    actix_web::rt::spawn(keep_swept(db.clone(), settings.audit_retention()));
    tracing::info!(
        %address,
        database = ?state.db.url(),
        source = board.source.source,
        mode = ?board.source.mode,
        securities = state.tickers.len(),
        ready_ms = started.elapsed().as_millis() as u64,
        "listening"
    );
    Ok(Server { address, server, events, cluster, feed: feed.abort_handle(), recorder, db })
}

async fn open_database(settings: &Settings) -> Result<(Db, Arc<TickerIndex>), String> {
    let url = settings.database();
    let open = move || {
        let db = Db::open(&url).map_err(|error| format!("WATCHTAPE_DATABASE_URL {error}"))?;
        Ok::<Db, String>(db)
    };
    let db = web::block(open).await.map_err(|error| error.to_string())??;
    let count = db.read(security::count).await.map_err(|error| error.to_string())?;
    if count == 0 {
        let tickers = catalog::embedded()?;
        db.write(move |connection| security::import_first(connection, &tickers))
            .await
            .map_err(|error| error.to_string())?;
    }
    let tickers = db.read(security::list).await.map_err(|error| error.to_string())?;
    Ok((db, Arc::new(TickerIndex::new(tickers.into_iter().map(Arc::new).collect()))))
}

fn open_provider(
    settings: &Settings,
    demand: &Demand,
    tickers: &Arc<TickerIndex>,
    calendar: &Arc<Calendar>,
    db: &Db,
) -> Result<Box<dyn Provider>, String> {
    match &settings.feed {
        FeedSetting::Sim => {
            let interval = Duration::from_millis(settings.sim_interval_ms);
            Ok(Box::new(Sim::new(tickers.iter(), settings.sim_seed, interval)))
        }
        FeedSetting::Replay(file) => {
            let replay = Replay::open(file, settings.replay_speed.interval(), calendar, |symbol| tickers.get(symbol));
            Ok(Box::new(replay.map_err(|error| format!("WATCHTAPE_FEED {error}"))?))
        }
        FeedSetting::Vendors(names) => {
            let vendors = vendors::open(names, &settings.vendors)?;
            let (tickers, calendar) = (tickers.clone(), calendar.clone());
            Ok(Box::new(Upstream::new(vendors, demand.watched(), tickers, calendar, db.clone())))
        }
    }
}

fn listen(
    settings: &Settings,
    state: web::Data<AppState>,
    app_files: AppFiles,
) -> Result<(SocketAddr, actix_web::dev::Server), String> {
    if app_files.is_empty() {
        tracing::warn!("the browser app is not in this binary: set WATCHTAPE_WEB_DIR to serve it");
    }
    let app_files = web::Data::new(app_files);
    let server = HttpServer::new(move || {
        // Once for each worker, on its own thread.
        let worker = Worker::start(&state);
        let docs = SwaggerUi::new("/docs/{_:.*}")
            .config(SwaggerConfig::new(["/api/v1/openapi.json"]).use_base_layout().persist_authorization(false));
        App::new()
            .app_data(state.clone())
            .app_data(app_files.clone())
            .app_data(web::Data::new(worker))
            .wrap(from_fn(head::bound))
            .wrap(from_fn(requests::enforce))
            .wrap(from_fn(|request, next| deprecation::announce(deprecation::TABLE, request, next)))
            .wrap(Condition::new(!state.cors_origins.is_empty(), cors::allow(&state.cors_origins)))
            .wrap(from_fn(problems::render))
            .wrap(from_fn(defences::arm))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(routes::configure)
            .service(web::redirect("/docs", "/docs/"))
            .service(docs)
            .default_service(web::to(|request: HttpRequest, files: web::Data<AppFiles>| async move {
                files.serve(&request)
            }))
    });
    let address = settings.listen;
    let server = server
        .workers(settings.worker_count())
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(IDLE_DEADLINE)
        .h1_write_buffer_size(WRITE_BUFFER)
        .shutdown_timeout(DRAIN_SECONDS)
        .on_connect(|connection, _| bound_silence(connection))
        .disable_signals()
        .bind(address)
        .map_err(|error| format!("WATCHTAPE_LISTEN {address}: {error}"))?;
    let address = server.addrs().first().copied().ok_or("WATCHTAPE_LISTEN: bound to nothing")?;
    Ok((address, server.run()))
}

/// Lets the kernel end a connection whose peer takes nothing any more, since one that is jammed does not run its own
/// timers, and keeps it from hoarding what such a peer will not see in time.
fn bound_silence(connection: &dyn Any) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        // An error leaves the connection as it is, with the heartbeat alone.
        let socket = SockRef::from(stream);
        let _ = socket.set_tcp_user_timeout(Some(JAM_DEADLINE));
        let _ = socket.set_tcp_notsent_lowat(MOST_UNSENT);
        // A round is sent when it is there, not when the one before has been acknowledged.
        let _ = stream.set_nodelay(true);
    }
}

async fn keep_swept(db: Db, audit_kept: Option<TimeDelta>) {
    let mut interval = tokio::time::interval(SWEEP_INTERVAL);
    loop {
        interval.tick().await;
        match db.write(move |connection| sweep::run(connection, audit_kept)).await {
            Ok(swept) if swept == Swept::default() => {}
            Ok(swept) => tracing::info!(?swept, "forgot what has expired"),
            Err(error) => tracing::warn!(%error, "could not forget what has expired"),
        }
    }
}
