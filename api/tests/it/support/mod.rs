//! What the tests stand on: a database of either kind, a server on it, and a client that speaks to it.

pub(crate) mod client;
pub(crate) mod database;
pub(crate) mod log;
pub(crate) mod mail;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod redis;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod socket;
pub(crate) mod tables;
pub(crate) mod vendor;

pub(crate) use client::{Account, Answer, Client};
pub(crate) use database::{Backend, Database};
pub(crate) use server::TestServer;

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
