//! A server of one test's own, in this process, on a port of its own.

use super::client::Client;
use super::database::{Backend, Database};
use super::{log, secrets};
use clap::Parser;
use watchtape::config::Settings;
use watchtape::db::DbConnection;
use watchtape::http::static_files::StaticFiles;
use watchtape::server::{self, Stopper};

/// Parses settings as the command line does.
#[derive(Parser)]
struct Line {
    #[command(flatten)]
    settings: Settings,
}

/// Tests ask more in a second than people do in a minute: what they do not limit themselves is not limited. Nor do they wait
/// for balancers.
pub(crate) fn unlimited<'a>(flags: &[&str]) -> Vec<&'a str> {
    let limits =
        ["--api-per-minute", "--anon-per-minute", "--guests-per-hour", "--registrations-per-hour", "--drain-seconds"];
    limits.into_iter().filter(|limit| !flags.contains(limit)).flat_map(|limit| [limit, "0"]).collect()
}

/// A running server with its database.
pub(crate) struct TestServer {
    // Kept for as long as the server runs.
    database: Database,
    pub(crate) address: std::net::SocketAddr,
    stopper: Stopper,
}

impl TestServer {
    /// With the simulated market, a step every 250 ms.
    pub(crate) async fn start(backend: Backend) -> Self {
        Self::start_with(backend, &["--sim-interval-ms", "250"]).await
    }

    /// With these flags beside the usual ones.
    pub(crate) async fn start_with(backend: Backend, flags: &[&str]) -> Self {
        Self::start_on(Database::ready(backend).await, flags).await
    }

    /// With the whole catalogue instead of a sample of it, and the usual flags.
    pub(crate) async fn with_whole_catalogue(backend: Backend) -> Self {
        Self::start_on(Database::with_whole_catalogue(backend).await, &[]).await
    }

    /// The same on a database that the test has filled.
    pub(crate) async fn start_on(database: Database, flags: &[&str]) -> Self {
        log::watch();
        secrets::keep_settings(flags);
        let data_dir = database.folder();
        let (url, data_dir) = (database.setting(), data_dir.to_str().expect("a path"));
        let usual =
            ["watchtape", "--listen", "127.0.0.1:0", "--database-url", &url, "--data-dir", data_dir, "--workers", "2"];
        let all = usual.iter().chain(flags).copied().chain(unlimited(flags));
        let settings = Line::parse_from(all).settings;
        let server = server::build(&settings, StaticFiles::default()).await.expect("a server");
        let (address, stopper) = (server.address, server.stopper());
        actix_web::rt::spawn(server.run());
        Self { database, address, stopper }
    }

    /// A client that has not signed in.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Its database as a setting, for a command beside it.
    pub(crate) fn database_setting(&self) -> String {
        self.database.setting()
    }

    /// A connection of the test's own to its database.
    pub(crate) fn connect(&self) -> DbConnection {
        self.database.url().connect().expect("a connection")
    }

    /// Stops it as an operator would.
    pub(crate) async fn stop(&self) {
        self.stopper.stop().await;
    }
}
