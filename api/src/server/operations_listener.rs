//! The listener of operators (`WATCHTAPE_METRICS_LISTEN`): metrics and probes, apart from what clients reach.

use crate::config::Settings;
use crate::http::handlers::metrics::MetricsAccess;
use crate::http::handlers::{health, metrics};
use crate::http::middleware::request_log::{RequestSpan, request_log};
use crate::http::problem_response::problem_details;
use crate::http::state::AppState;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};
use std::time::Duration;
use tracing_actix_web::TracingLogger;

/// Scrapers and probes that may be connected at once.
const MAX_CONNECTIONS: usize = 64;
/// How long a client may take to send the head of a request.
const HEAD_DEADLINE: Duration = Duration::from_secs(5);

/// Binds the address, if one is set. The returned server runs once it is awaited.
pub(super) fn listen(
    settings: &Settings,
    state: &web::Data<AppState>,
) -> Result<Option<actix_web::dev::Server>, String> {
    let Some(address) = settings.metrics_listen else { return Ok(None) };
    let state = state.clone();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(web::Data::new(MetricsAccess::Anyone))
            .wrap(from_fn(problem_details))
            .wrap(from_fn(request_log))
            .wrap(TracingLogger::<RequestSpan>::new())
            .route("/metrics", web::get().to(metrics::get_metrics))
            .route("/livez", web::get().to(health::get_liveness))
            .route("/readyz", web::get().to(health::get_readiness))
    });
    let server = server
        .workers(1)
        .max_connections(MAX_CONNECTIONS)
        .client_request_timeout(HEAD_DEADLINE)
        .disable_signals()
        .bind(address)
        .map_err(|error| format!("WATCHTAPE_METRICS_LISTEN {address}: {error}"))?;
    let address = server.addrs().first().copied().ok_or("WATCHTAPE_METRICS_LISTEN: bound to nothing")?;
    tracing::info!(%address, "metrics are served");
    Ok(Some(server.run()))
}
