//! `watchtape serve`: runs the server until SIGTERM or Ctrl-C.

use crate::config::Settings;
use crate::server;
use crate::telemetry::logs;
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn run(settings: &Settings) -> Result<(), String> {
    logs::start(settings.log.to_filter());
    let server = server::build(settings).await?;
    let stopper = server.stopper();
    let stopped = actix_web::rt::spawn(async move {
        stop_signal().await;
        tracing::info!("stopping");
        stopper.stop().await;
    });
    server.run().await.map_err(|error| error.to_string())?;
    // The server ends before its stopper does: wait until that has stored the last bars.
    stopped.await.map_err(|error| error.to_string())
}

async fn stop_signal() {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be received");
            // Only Ctrl-C is left; an error of it cannot be handled.
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}
