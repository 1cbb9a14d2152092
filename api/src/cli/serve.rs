//! `watchtape serve`: runs the server until SIGTERM or Ctrl-C.

use crate::config::Settings;
use crate::http::static_files::StaticFiles;
use crate::server;
use crate::server::systemd;
use crate::telemetry;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

pub(super) async fn run(settings: &Settings, embedded: StaticFiles) -> Result<(), String> {
    // Dropped last: until then lines may wait to be written, and spans to be sent.
    let _telemetry = telemetry::start(settings.logs(), settings.traces().as_ref())?;
    let server = server::build(settings, embedded).await?;
    systemd::tell_ready();
    actix_web::rt::spawn(systemd::keep_watchdog());
    let (stopper, drain) = (server.stopper(), Duration::from_secs(settings.drain_seconds.into()));
    let stopped = actix_web::rt::spawn(async move {
        if stop_signal().await == Stop::AfterDrain && drain > Duration::ZERO {
            tracing::info!(seconds = drain.as_secs(), "not ready any more: stopping soon");
            stopper.begin_drain();
            // A second signal hurries.
            let _ = tokio::time::timeout(drain, stop_signal()).await;
        }
        tracing::info!("stopping");
        systemd::tell_stopping();
        stopper.stop().await;
    });
    server.run().await.map_err(|error| error.to_string())?;
    // The server ends before its stopper does: wait until that has stored the last bars.
    stopped.await.map_err(|error| error.to_string())
}

/// How the server was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// By SIGTERM, as service managers do: balancers are to hear of it first.
    AfterDrain,
    /// By Ctrl-C.
    Now,
}

async fn stop_signal() -> Stop {
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => Stop::Now,
                _ = terminate.recv() => Stop::AfterDrain,
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be received");
            // Only Ctrl-C is left; an error of it cannot be handled.
            let _ = tokio::signal::ctrl_c().await;
            Stop::Now
        }
    }
}
