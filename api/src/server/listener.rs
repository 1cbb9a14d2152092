//! The HTTP listener: middleware, deadlines, and socket options of connections.

use super::event_loop;
use crate::config::Settings;
use crate::http::handlers::metrics::MetricsAccess;
use crate::http::handlers::openapi::OpenApiJson;
use crate::http::middleware::cors::cors;
use crate::http::middleware::header_limit::header_limit;
use crate::http::middleware::plain_bodies::plain_bodies;
use crate::http::middleware::rate_limit::rate_limit;
use crate::http::middleware::request_log::{RequestSpan, request_log};
use crate::http::middleware::requests_under_way::requests_under_way;
use crate::http::middleware::reserved_connections::reserved_connections;
use crate::http::middleware::security_headers::security_headers;
use crate::http::problem_response::problem_details;
use crate::http::state::AppState;
use crate::http::static_files::StaticFiles;
use crate::http::trusted_proxies::TrustedProxies;
use crate::http::{openapi, routes, swagger_ui};
use crate::limits::http_connections::HttpConnections;
use crate::stream;
use crate::stream::connection::WRITE_BUFFER_BYTES;
use actix_web::dev::Extensions;
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpRequest, HttpServer, web};
use socket2::SockRef;
use std::net::{Shutdown, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tracing_actix_web::TracingLogger;

/// How long a stopping server waits for requests under way.
const DRAIN_SECONDS: u64 = 5;
/// How long a client may take to send the head of a request.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests.
const IDLE_DEADLINE: Duration = Duration::from_secs(75);
/// How long sent data may stay unacknowledged (`TCP_USER_TIMEOUT`).
const UNACKNOWLEDGED_DEADLINE: Duration = Duration::from_secs(8);
/// Unsent bytes that the kernel buffers (`TCP_NOTSENT_LOWAT`): newer values cannot replace prices that wait there.
const MAX_UNSENT_BYTES: u32 = 32 * 1024;

/// The app's files, from `WATCHTAPE_WEB_DIR` or else those that are embedded in the binary.
pub fn app_files(settings: &Settings, embedded: StaticFiles) -> Result<StaticFiles, String> {
    match &settings.web_dir {
        Some(folder) => {
            let name = format!("WATCHTAPE_WEB_DIR {}", folder.display());
            let files = StaticFiles::read(folder).map_err(|error| format!("{name}: {error}"))?;
            if files.has_page() { Ok(files) } else { Err(format!("{name}: there is no index.html in it")) }
        }
        None => Ok(embedded),
    }
}

/// Binds the address of the settings. The returned server runs once it is awaited.
pub(super) fn listen(
    settings: &Settings,
    state: web::Data<AppState>,
    app_files: StaticFiles,
    open_files: u64,
) -> Result<(SocketAddr, actix_web::dev::Server), String> {
    let connections = HttpConnections::new(settings.connections_per_address, open_files);
    let proxies = settings.trusted_proxies.clone();
    if app_files.is_empty() {
        tracing::warn!("the browser app is not in this binary: set WATCHTAPE_WEB_DIR to serve it");
    }
    let app_files = web::Data::new(app_files);
    let description = web::Data::new(OpenApiJson(openapi::json()));
    let metrics_access = web::Data::new(match settings.metrics_listen {
        Some(_) => MetricsAccess::Nobody,
        None => MetricsAccess::ThisMachine,
    });
    let number = Arc::new(AtomicU32::new(0));
    let server = HttpServer::new(move || {
        // Runs once for each worker, on its thread.
        let worker = stream::start_worker(&state.stream);
        event_loop::watch(&state.tasks, number.fetch_add(1, Ordering::Relaxed).to_string(), &state.metrics);
        let docs = web::resource(swagger_ui::ROUTE)
            .route(web::get().to(swagger_ui::get_file))
            .route(web::head().to(swagger_ui::get_file));
        let cors_origins = &state.web.origins.cors;
        App::new()
            .app_data(state.clone())
            .app_data(app_files.clone())
            .app_data(description.clone())
            .app_data(metrics_access.clone())
            .app_data(web::Data::new(worker))
            .wrap(from_fn(plain_bodies))
            .wrap(from_fn(reserved_connections))
            .wrap(from_fn(header_limit))
            .wrap(from_fn(requests_under_way))
            .wrap(from_fn(rate_limit))
            .wrap(Condition::new(!cors_origins.is_empty(), cors(cors_origins)))
            .wrap(from_fn(problem_details))
            .wrap(from_fn(security_headers))
            .wrap(from_fn(request_log))
            .wrap(TracingLogger::<RequestSpan>::new())
            .configure(routes::configure)
            .service(web::redirect("/docs", "/docs/"))
            .service(docs)
            .default_service(web::to(|request: HttpRequest, files: web::Data<StaticFiles>| async move {
                files.serve(&request)
            }))
    });
    let address = settings.listen;
    let server = server
        .workers(settings.worker_count())
        .client_request_timeout(HEAD_DEADLINE)
        .keep_alive(IDLE_DEADLINE)
        .h1_write_buffer_size(WRITE_BUFFER_BYTES)
        .shutdown_timeout(DRAIN_SECONDS)
        .on_connect(move |connection, data| {
            if let Some(stream) = connection.downcast_ref::<TcpStream>() {
                admit(stream, &connections, &proxies, data);
                set_socket_options(stream);
            }
        })
        .disable_signals()
        .bind(address)
        .map_err(|error| format!("WATCHTAPE_LISTEN {address}: {error}"))?;
    let address = server.addrs().first().copied().ok_or("WATCHTAPE_LISTEN: bound to nothing")?;
    Ok((address, server.run()))
}

/// Makes the kernel close a connection whose peer acknowledges nothing, since a blocked connection does not run its own
/// timers, and limits what the kernel buffers for it.
fn set_socket_options(stream: &TcpStream) {
    // On an error the heartbeat alone detects a dead peer.
    let socket = SockRef::from(stream);
    let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_DEADLINE));
    let _ = socket.set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
    // Without Nagle's algorithm: a round is sent at once, not when the previous one has been acknowledged.
    let _ = stream.set_nodelay(true);
}

/// Counts the connection for as long as it lasts, or closes it.
fn admit(stream: &TcpStream, connections: &Arc<HttpConnections>, proxies: &TrustedProxies, data: &mut Extensions) {
    // A peer that has left already has no address.
    let Ok(peer) = stream.peer_addr() else { return };
    match connections.admit(peer.ip(), proxies.contains(peer.ip())) {
        Some(admission) => {
            data.insert(admission);
        }
        // Its reads end, and so does the connection.
        None => {
            let _ = SockRef::from(stream).shutdown(Shutdown::Both);
        }
    }
}
