//! How much there is of everything, and how large the database is.

use super::schema::{alerts, api_keys, sessions, users, watchlist_items, watchlists};
use super::{DatabaseUrl, DbConnection, Result, columns, sqlite_file};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

/// The numbers of rows, and the size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// Registered accounts.
    pub accounts: u64,
    /// Those of them that are disabled.
    pub disabled_accounts: u64,
    /// Accounts of guests.
    pub guests: u64,
    /// Watchlists.
    pub watchlists: u64,
    /// Items of watchlists.
    pub items: u64,
    /// Alerts, in whatever state.
    pub alerts: u64,
    /// API keys that have not expired.
    pub api_keys: u64,
    /// Signed-in devices.
    pub sessions: u64,
    /// Bytes of the database on its disk; of SQLite with what is not in the file itself yet.
    pub database_bytes: u64,
}

impl Statistics {
    /// Each number under its name, for people.
    pub fn rows(&self) -> [(&'static str, u64); 9] {
        [
            ("accounts", self.accounts),
            ("disabled accounts", self.disabled_accounts),
            ("guests", self.guests),
            ("watchlists", self.watchlists),
            ("items", self.items),
            ("alerts", self.alerts),
            ("API keys", self.api_keys),
            ("sessions", self.sessions),
            ("database bytes", self.database_bytes),
        ]
    }
}

/// Counts everything. To be run in one snapshot.
pub fn count(connection: &mut DbConnection, url: &DatabaseUrl) -> Result<Statistics> {
    let now = columns::now();
    let registered = users::table.filter(users::email.is_not_null());
    Ok(Statistics {
        accounts: number(registered.count().get_result(connection)?)?,
        disabled_accounts: number(registered.filter(users::disabled_at.is_not_null()).count().get_result(connection)?)?,
        guests: number(users::table.filter(users::email.is_null()).count().get_result(connection)?)?,
        watchlists: number(watchlists::table.count().get_result(connection)?)?,
        items: number(watchlist_items::table.count().get_result(connection)?)?,
        alerts: number(alerts::table.count().get_result(connection)?)?,
        api_keys: number(
            api_keys::table
                .filter(api_keys::expires_at.is_null().or(api_keys::expires_at.gt(now)))
                .count()
                .get_result(connection)?,
        )?,
        sessions: number(sessions::table.filter(sessions::expires_at.gt(now)).count().get_result(connection)?)?,
        database_bytes: size(connection, url)?,
    })
}

fn number(count: i64) -> Result<u64> {
    columns::unsigned("a count", count)
}

#[derive(QueryableByName)]
struct Size {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
}

fn size(connection: &mut DbConnection, url: &DatabaseUrl) -> Result<u64> {
    match (connection, url) {
        (DbConnection::Postgres(postgres), _) => {
            let query = diesel::sql_query("SELECT pg_database_size(current_database()) AS bytes");
            number(query.get_result::<Size>(postgres)?.bytes)
        }
        (DbConnection::Sqlite(_), DatabaseUrl::Sqlite(path)) => {
            let files = sqlite_file::companions(path).into_iter().chain([path.clone()]);
            Ok(files.filter_map(|file| std::fs::metadata(file).ok()).map(|found| found.len()).sum())
        }
        (DbConnection::Sqlite(_), DatabaseUrl::Postgres(_)) => Ok(0),
    }
}
