//! The HTTP server: its middleware, its deadlines, and the socket options of its connections.

use crate::config::Settings;
use crate::http::handlers::openapi::OpenApiJson;
use crate::http::middleware::cors::cors;
use crate::http::middleware::header_limit::header_limit;
use crate::http::middleware::rate_limit::rate_limit;
use crate::http::middleware::request_log::RequestSpan;
use crate::http::middleware::security_headers::security_headers;
use crate::http::problem_response::problem_details;
use crate::http::state::AppState;
use crate::http::static_files::StaticFiles;
use crate::http::{openapi, routes};
use crate::stream;
use crate::stream::connection::WRITE_BUFFER_BYTES;
use actix_web::middleware::{Condition, from_fn};
use actix_web::rt::net::TcpStream;
use actix_web::{App, HttpRequest, HttpServer, web};
use socket2::SockRef;
use std::any::Any;
use std::net::SocketAddr;
use std::time::Duration;
use tracing_actix_web::TracingLogger;
use utoipa_swagger_ui::{Config as SwaggerConfig, SwaggerUi};

/// How long a stopping server waits for requests that are under way.
const DRAIN_SECONDS: u64 = 5;
/// How long a client may take to send a request's head.
const HEAD_DEADLINE: Duration = Duration::from_secs(10);
/// How long a connection may be idle between two requests.
const IDLE_DEADLINE: Duration = Duration::from_secs(75);
/// How long what was sent may stay unacknowledged by the client's machine.
const UNACKNOWLEDGED_DEADLINE: Duration = Duration::from_secs(8);
/// How many unsent bytes the kernel holds: what waits there grows old, and newer values cannot replace it.
const MAX_UNSENT_BYTES: u32 = 32 * 1024;

/// The app's files, from the folder of the settings or out of the binary.
pub(super) fn app_files(settings: &Settings) -> Result<StaticFiles, String> {
    match &settings.web_dir {
        Some(folder) => {
            StaticFiles::read(folder).map_err(|error| format!("WATCHTAPE_WEB_DIR {}: {error}", folder.display()))
        }
        None => Ok(StaticFiles::embedded()),
    }
}

/// Binds the address of the settings. The returned server runs once it is awaited.
pub(super) fn listen(
    settings: &Settings,
    state: web::Data<AppState>,
    app_files: StaticFiles,
) -> Result<(SocketAddr, actix_web::dev::Server), String> {
    if app_files.is_empty() {
        tracing::warn!("the browser app is not in this binary: set WATCHTAPE_WEB_DIR to serve it");
    }
    let app_files = web::Data::new(app_files);
    let description = web::Data::new(OpenApiJson(openapi::json()));
    let server = HttpServer::new(move || {
        // Once for each worker, on its own thread.
        let worker = stream::start_worker(&state.stream);
        let docs = SwaggerUi::new("/docs/{_:.*}")
            .config(SwaggerConfig::new(["/api/v1/openapi.json"]).use_base_layout().persist_authorization(false));
        let cors_origins = &state.web.origins.cors;
        App::new()
            .app_data(state.clone())
            .app_data(app_files.clone())
            .app_data(description.clone())
            .app_data(web::Data::new(worker))
            .wrap(from_fn(header_limit))
            .wrap(from_fn(rate_limit))
            .wrap(Condition::new(!cors_origins.is_empty(), cors(cors_origins)))
            .wrap(from_fn(problem_details))
            .wrap(from_fn(security_headers))
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
        .on_connect(|connection, _| set_socket_options(connection))
        .disable_signals()
        .bind(address)
        .map_err(|error| format!("WATCHTAPE_LISTEN {address}: {error}"))?;
    let address = server.addrs().first().copied().ok_or("WATCHTAPE_LISTEN: bound to nothing")?;
    Ok((address, server.run()))
}

/// Has the kernel end a connection whose peer acknowledges nothing any more, since a blocked one does not run its own
/// timers, and bounds what it buffers for such a peer.
fn set_socket_options(connection: &dyn Any) {
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        // An error leaves the connection as it is, with the heartbeat alone.
        let socket = SockRef::from(stream);
        let _ = socket.set_tcp_user_timeout(Some(UNACKNOWLEDGED_DEADLINE));
        let _ = socket.set_tcp_notsent_lowat(MAX_UNSENT_BYTES);
        // A round is sent when it is there, not when the one before has been acknowledged.
        let _ = stream.set_nodelay(true);
    }
}
