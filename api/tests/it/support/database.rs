//! A database of one test's own: a copy of a template that has the schema and securities.

use super::postgres::Postgres;
use diesel::connection::SimpleConnection;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use watchtape::catalog;
use watchtape::db::{DatabaseUrl, Db, security};
use watchtape_shared::ticker::Ticker;

/// Which kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    /// A file.
    Sqlite,
    /// The test binary's server.
    Postgres,
}

/// Which securities a template has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Contents {
    /// The largest, and all of the exchanges outside the United States. Each server reads and indexes what there is, which took
    /// half the time of all tests.
    Sample,
    /// The whole catalogue.
    Whole,
}

impl Contents {
    fn has(self, ticker: &Ticker) -> bool {
        let is_american = matches!(ticker.mic.as_deref(), Some("XNAS" | "XNYS" | "OTCM"));
        self == Self::Whole || ticker.rank <= 1_200 || !is_american
    }
}

/// A database that goes with the test.
pub(crate) struct Database {
    url: DatabaseUrl,
    name: Option<String>,
    // Removed when dropped.
    folder: TempDir,
}

impl Database {
    /// With the schema and a sample of the catalogue.
    pub(crate) async fn ready(backend: Backend) -> Self {
        Self::of_template(backend, Contents::Sample).await
    }

    /// With the schema and the whole catalogue.
    pub(crate) async fn with_whole_catalogue(backend: Backend) -> Self {
        Self::of_template(backend, Contents::Whole).await
    }

    async fn of_template(backend: Backend, contents: Contents) -> Self {
        let folder = TempDir::new().expect("a folder");
        match backend {
            Backend::Sqlite => {
                let path = folder.path().join("watchtape.db");
                std::fs::copy(sqlite_template(contents).await, &path).expect("a copy");
                Self { url: DatabaseUrl::Sqlite(path), name: None, folder }
            }
            Backend::Postgres => {
                let template = postgres_template(contents).await;
                Self::create_in_postgres(folder, Some(template))
            }
        }
    }

    /// Without any table.
    pub(crate) fn empty(backend: Backend) -> Self {
        let folder = TempDir::new().expect("a folder");
        match backend {
            Backend::Sqlite => {
                let url = DatabaseUrl::Sqlite(folder.path().join("watchtape.db"));
                Self { url, name: None, folder }
            }
            Backend::Postgres => Self::create_in_postgres(folder, None),
        }
    }

    fn create_in_postgres(folder: TempDir, template: Option<&str>) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        administer(&format!("CREATE DATABASE {name}{template}"));
        Self { url: DatabaseUrl::Postgres(Postgres::shared().url(&name)), name: Some(name), folder }
    }

    /// Where it is.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// The same as a setting.
    pub(crate) fn setting(&self) -> String {
        match &self.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{}", path.display()),
            DatabaseUrl::Postgres(url) => url.clone(),
        }
    }

    /// A folder for whatever else the test needs.
    pub(crate) fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(name) = &self.name {
            administer(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn administer(statement: &str) {
    let url = DatabaseUrl::Postgres(Postgres::shared().url("postgres"));
    url.connect().expect("the server").batch_execute(statement).expect("an administrator's statement");
}

async fn fill(url: &DatabaseUrl, contents: Contents) {
    let db = Db::open(url).expect("a database");
    let tickers = catalog::embedded().expect("the catalogue");
    let tickers: Vec<Ticker> = tickers.into_iter().filter(|ticker| contents.has(ticker)).collect();
    db.write(move |connection| security::import(connection, &tickers)).await.expect("an import");
}

async fn sqlite_template(contents: Contents) -> PathBuf {
    static TEMPLATES: [OnceCell<(TempDir, PathBuf)>; 2] = [const { OnceCell::const_new() }; 2];
    let (_, path) = TEMPLATES[contents as usize]
        .get_or_init(|| async {
            let folder = TempDir::new().expect("a folder");
            let path = folder.path().join("template.db");
            fill(&DatabaseUrl::Sqlite(path.clone()), contents).await;
            // The file alone is copied: nothing may be left in the write-ahead log.
            let mut connection = DatabaseUrl::Sqlite(path.clone()).connect().expect("the template");
            connection.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").expect("a checkpoint");
            (folder, path)
        })
        .await;
    path.clone()
}

async fn postgres_template(contents: Contents) -> &'static str {
    static TEMPLATES: [OnceCell<()>; 2] = [const { OnceCell::const_new() }; 2];
    let name = match contents {
        Contents::Sample => "template_sample",
        Contents::Whole => "template_whole",
    };
    let make = || async {
        administer(&format!("CREATE DATABASE {name}"));
        fill(&DatabaseUrl::Postgres(Postgres::shared().url(name)), contents).await;
        // A template may have no connection, and a pool closes its own a moment after it is dropped.
        administer(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'; \
             ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false"
        ));
    };
    TEMPLATES[contents as usize].get_or_init(make).await;
    name
}
