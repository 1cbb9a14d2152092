//! What the tests stand on: a database of either kind, a server on it, and a client that speaks to it.

use std::time::{Duration, Instant};

pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod collector;
pub(crate) mod database;
pub(crate) mod exchange_days;
pub(crate) mod guarded;
pub(crate) mod listener;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod name_server;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod proxy;
pub(crate) mod receiver;
pub(crate) mod redis;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod socket;
pub(crate) mod tables;
pub(crate) mod vendor;
pub(crate) mod witness;

pub(crate) use client::{Account, Answer, Client};
pub(crate) use database::{Backend, Database};
pub(crate) use server::TestServer;

/// When a test gives up waiting for something that has to happen. Longer than anything takes on a machine that is busy with
/// something else, so that it never says how quick the server was.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);
/// How long a test pauses before it looks again.
const PAUSE: Duration = Duration::from_millis(20);

/// Gives work its time, but not for ever.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(DEADLINE, work).await.expect("done in time")
}

/// Looks until there is what a test waits for.
pub(crate) async fn until_some<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(started.elapsed() < DEADLINE, "never: {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// Looks until something holds.
pub(crate) async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    until_some(what, async || holds().await.then_some(())).await;
}

/// How often a test that does the same many times does it: `few`, or as often as `WATCHTAPE_TEST_KILLS` says.
pub(crate) fn times(few: usize) -> usize {
    std::env::var("WATCHTAPE_TEST_KILLS").map_or(few, |text| text.parse().expect("WATCHTAPE_TEST_KILLS is a number"))
}

/// Runs each test on both databases.
macro_rules! on_both_databases {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[actix_web::test] async fn $test() { super::$test(crate::support::Backend::Sqlite).await; })+
        }
        mod postgres {
            $(#[actix_web::test] async fn $test() { super::$test(crate::support::Backend::Postgres).await; })+
        }
    };
}
pub(crate) use on_both_databases;
